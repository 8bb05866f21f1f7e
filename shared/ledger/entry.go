package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"nod/shared/domain"
)

// Entry is a Record sealed: its exact line, without a line end, and its leaf hash.
type Entry struct {
	Record *domain.Record
	Line   []byte
	Leaf   string // hex of SHA-256(0x00 || line), RFC 6962 section 2.1
}

// Seal writes the Record's line. prev is the leaf hash of the same subject's
// previous Record, empty for their first and for Records about nobody.
func Seal(r *domain.Record, prev string) (Entry, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(lineOf(r, prev)); err != nil {
		return Entry{}, fmt.Errorf("ledger: write record: %w", err)
	}
	line := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return Entry{Record: r, Line: line, Leaf: LeafHash(line)}, nil
}

// LeafHash is the RFC 6962 leaf hash of a line, in hex.
func LeafHash(line []byte) string {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(line)
	return hex.EncodeToString(h.Sum(nil))
}

// line is a Record as it stands in the log. docs/records.md has a table of it.
type line struct {
	V                 int                      `json:"v"`
	ID                domain.ID                `json:"id"`
	Type              domain.RecordType        `json:"type"`
	Enterprise        domain.ID                `json:"enterprise"`
	Mode              domain.Mode              `json:"mode"`
	At                string                   `json:"at"`
	Subject           string                   `json:"subject,omitempty"`
	Prev              string                   `json:"prev,omitempty"`
	Purpose           domain.Purpose           `json:"purpose,omitempty"`
	Route             domain.Route             `json:"route,omitempty"`
	Routes            []domain.Route           `json:"routes,omitempty"`
	Session           domain.ID                `json:"session,omitempty"`
	Consent           domain.ID                `json:"consent,omitempty"`
	Notice            *domain.NoticeRef        `json:"notice,omitempty"`
	NoticeInForce     *domain.NoticeRef        `json:"notice_in_force,omitempty"`
	Delegation        *domain.DelegationRef    `json:"delegation,omitempty"`
	By                domain.Giver             `json:"by,omitempty"`
	SubjectCommitment string                   `json:"subject_commitment,omitempty"`
	Until             string                   `json:"until,omitempty"`
	Via               string                   `json:"via,omitempty"`
	Cause             string                   `json:"cause,omitempty"`
	Attempt           string                   `json:"attempt,omitempty"`
	Capture           domain.CaptureKind       `json:"capture,omitempty"`
	Liveness          *bool                    `json:"liveness,omitempty"`
	Reason            domain.Reason            `json:"reason,omitempty"`
	Method            string                   `json:"method,omitempty"`
	Result            domain.Result            `json:"result,omitempty"`
	Actor             domain.ID                `json:"actor,omitempty"`
	Key               domain.ID                `json:"key,omitempty"`
	Role              domain.Role              `json:"role,omitempty"`
	SHA256            string                   `json:"sha256,omitempty"`
	Hashes            map[domain.Locale]string `json:"hashes,omitempty"`
	EffectiveFrom     string                   `json:"effective_from,omitempty"`
	Material          *bool                    `json:"material,omitempty"`
	Enabled           *bool                    `json:"enabled,omitempty"`
	Audience          domain.Audience          `json:"audience,omitempty"`
	Relation          domain.Relation          `json:"relation,omitempty"`
	ReachedBy         domain.ReachedBy         `json:"reached_by,omitempty"`
	GuardianConsent   domain.ID                `json:"guardian_consent,omitempty"`
	Request           domain.ID                `json:"request,omitempty"`
	Kind              domain.RequestKind       `json:"kind,omitempty"`
	DueAt             string                   `json:"due_at,omitempty"`
	Outcome           domain.RequestOutcome    `json:"outcome,omitempty"`
	From              string                   `json:"from,omitempty"`
	To                string                   `json:"to,omitempty"`
	Listed            domain.Listed            `json:"listed,omitempty"`
	People            *int                     `json:"people,omitempty"`
	Export            domain.ID                `json:"export,omitempty"`
	Purposes          []domain.Purpose         `json:"purposes,omitempty"`
	About             string                   `json:"about,omitempty"`
	Identifiers       domain.Identifiers       `json:"identifiers,omitempty"`
	LogSize           *int64                   `json:"log_size,omitempty"`
}

func lineOf(r *domain.Record, prev string) line {
	return line{
		V: 1, ID: r.ID, Type: r.Type, Enterprise: r.Enterprise, Mode: r.Mode,
		At: Instant(r.At), Subject: r.Subject, Prev: prev,
		Purpose: r.Purpose, Route: r.Route, Routes: r.Routes, Session: r.Session,
		Consent: r.Consent, Notice: r.Notice, NoticeInForce: r.NoticeInForce,
		Delegation: r.Delegation, By: r.By, SubjectCommitment: r.SubjectCommitment,
		Until: second(r.Until), Via: r.Via, Cause: r.Cause, Attempt: r.Attempt,
		Capture: r.Capture, Liveness: r.Liveness, Reason: r.Reason, Method: r.Method,
		Result: r.Result, Actor: r.Actor, Key: r.Key, Role: r.Role, SHA256: r.SHA256,
		Hashes: r.Hashes, EffectiveFrom: instant(r.EffectiveFrom), Material: r.Material,
		Enabled: r.Enabled, Audience: r.Audience,
		Relation: r.Relation, ReachedBy: r.ReachedBy, GuardianConsent: r.GuardianConsent,
		Request: r.Request, Kind: r.Kind, DueAt: instant(r.DueAt), Outcome: r.Outcome,
		From: instant(r.From), To: instant(r.To), Listed: r.Listed, People: r.People,
		Export: r.Export, Purposes: r.Purposes, About: r.About, Identifiers: r.Identifiers, LogSize: r.LogSize,
	}
}

// Instant is the form of a Record's time: RFC 3339 UTC with milliseconds, always
// three digits, so that lines have one spelling.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func second(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Instant(t)
}
