package domain_test

import (
	"strings"
	"testing"

	"nod/shared/domain"
)

const (
	anID      = "0192abcd-1234-7000-8000-0123456789ab"
	anotherID = "0192abcd-1234-7000-8000-0123456789ac"
	aSecret   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func TestIDsHaveOneSpelling(t *testing.T) {
	for s, want := range map[string]bool{
		anID: true, "00000000-0000-0000-0000-000000000000": true,
		strings.ToUpper(anID): false, "{" + anID + "}": false, "urn:uuid:" + anID: false, strings.ReplaceAll(anID, "-", ""): false,
		"": false, anID[1:]: false, anID + "0": false, strings.Replace(anID, "a", "g", 1): false,
		strings.Replace(anID, "-", "0", 1): false, "0192abcd-1234-7000-8000-01234567-9ab": false, " " + anID[1:]: false,
		anID[:34] + "é": false, // 36 bytes, not all of them a digit
	} {
		id, ok := domain.ParseID(s)
		if ok != want || ok && string(id) != s || !ok && id != "" {
			t.Errorf("%q: %q, %v", s, id, ok)
		}
	}
}

func TestBearersAreSpelledAsTheyAreParsed(t *testing.T) {
	for _, b := range []domain.Bearer{
		{Kind: "operator", Secret: aSecret},
		{Kind: "admin", Enterprise: anID, Secret: aSecret},
		{Kind: "integrator", Enterprise: anID, Secret: aSecret},
		{Kind: "auditor", Enterprise: anID, Secret: aSecret},
		{Kind: domain.LearnerToken, Enterprise: anID, Thing: anotherID, Secret: aSecret},
		{Kind: domain.SessionCode, Enterprise: anID, Thing: anotherID, Secret: aSecret},
		{Kind: domain.WithdrawCode, Enterprise: anID, Thing: anotherID, Secret: aSecret},
	} {
		got, ok := domain.ParseBearer(b.String())
		if !ok || got != b {
			t.Errorf("%s: %+v, %v", b.Kind, got, ok)
		}
	}
}

func TestWhatNodNeverMadeIsNoBearer(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":                      "",
		"another product's":            "gho_admin_" + anID + "_" + aSecret,
		"an unknown role":              "nod_root_" + anID + "_" + aSecret,
		"no enterprise":                "nod_admin_" + aSecret,
		"an operator of an enterprise": "nod_operator_" + anID + "_" + aSecret,
		"no session":                   "nod_learner_" + anID + "_" + aSecret,
		"one id too many":              "nod_admin_" + anID + "_" + anotherID + "_" + aSecret,
		"an id in capitals":            "nod_admin_" + strings.ToUpper(anID) + "_" + aSecret,
		"no secret":                    "nod_admin_" + anID + "_",
		"a short secret":               "nod_admin_" + anID + "_" + aSecret[:19],
		"a secret in two":              "nod_admin_" + anID + "_" + aSecret + "_" + aSecret,
		"a prefix in capitals":         "NOD_admin_" + anID + "_" + aSecret,
		"two words":                    "nod_operator",
	} {
		if b, ok := domain.ParseBearer(s); ok || b.Secret != "" && b.Kind == "" {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(anID)
	f.Add(strings.ToUpper(anID))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := domain.ParseID(s)
		switch {
		case ok && (string(id) != s || len(s) != 36 || strings.Trim(s, "0123456789abcdef-") != "" || strings.Count(s, "-") != 4):
			t.Errorf("%q is taken as %q", s, id)
		case !ok && id != "":
			t.Errorf("%q is refused and yields %q", s, id)
		}
	})
}

func FuzzParseBearer(f *testing.F) {
	f.Add("nod_operator_" + aSecret)
	f.Add("nod_admin_" + anID + "_" + aSecret)
	f.Add("nod_learner_" + anID + "_" + anotherID + "_" + aSecret)
	f.Add("nod_code__" + anID + "_" + aSecret)
	f.Fuzz(func(t *testing.T, s string) {
		if b, ok := domain.ParseBearer(s); ok && b.String() != s {
			t.Errorf("%q is spelled %q", s, b.String())
		}
	})
}
