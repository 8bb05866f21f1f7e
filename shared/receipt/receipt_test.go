package receipt_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"nod/shared/domain"
	"nod/shared/receipt"
)

var update = flag.Bool("update", false, "write the golden documents anew")

func golden(name string) string { return filepath.Join("testdata", name+".jsonld") }

func TestReceiptsAreTheOnesThatWerePromised(t *testing.T) {
	for name, g := range receipts(t) {
		var got bytes.Buffer
		if err := json.Indent(&got, receipt.Document(g), "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		if *update {
			if err := os.WriteFile(golden(name), got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden(name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s is now\n%s", golden(name), got.Bytes())
		}
	}
}

// parsed is the part of a document that these tests look at.
type parsed struct {
	ID     string `json:"@id"`
	Source struct {
		Text       string `json:"schema:text"`
		Identifier struct {
			Value string `json:"schema:value"`
		} `json:"schema:identifier"`
	} `json:"dct:source"`
	Record struct {
		ID         string    `json:"@id"`
		Notice     version   `json:"dpv:hasNotice"`
		Delegation version   `json:"dpv:hasOrganisationalMeasure"`
		Processes  []process `json:"dpv:hasProcess"`
		Events     []struct {
			Type string `json:"@type"`
			By   any    `json:"dpv:isIndicatedBy"`
		} `json:"dpv:hasConsentStatus"`
	} `json:"dpv:hasRecordOfActivity"`
}

type process struct {
	Name       string   `json:"dct:identifier"`
	Recipients []string `json:"dpv:hasRecipient"`
	Storage    []any    `json:"dpv:hasStorageCondition"`
	Data       []struct {
		Type string `json:"@type"`
		Name string `json:"dct:identifier"`
	} `json:"dpv:hasPersonalData"`
}

// data are the kinds of data of a process, with the class of each.
func (p process) data() map[string]string {
	found := map[string]string{}
	for _, d := range p.Data {
		found[d.Name] = strings.TrimPrefix(d.Type, "dpv:")
	}
	return found
}

type version struct {
	ID      string `json:"@id"`
	Version int    `json:"schema:version"`
	SHA256  string `json:"schema:sha256"`
}

func parse(t *testing.T, doc []byte) (p parsed) {
	t.Helper()
	if err := json.Unmarshal(doc, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestD07_AReceiptNamesTheVeryNoticeTheDelegationAndTheLineOfTheLog(t *testing.T) {
	for name, g := range receipts(t) {
		p := parse(t, receipt.Document(g))
		n, d := g.Consent.Notice, g.Consent.Delegation
		if p.Record.Notice != (version{"urn:uuid:" + string(n.ID), n.Version, n.SHA256}) ||
			p.Record.Delegation != (version{"urn:uuid:" + string(d.ID), d.Version, d.SHA256}) {
			t.Errorf("%s: notice %v, delegation %v", name, p.Record.Notice, p.Record.Delegation)
		}
		if p.Source.Text != string(g.Entry.Line) || p.Source.Identifier.Value != g.Entry.Leaf {
			t.Errorf("%s: the line is %v", name, p.Source)
		}
		if p.Record.ID != "urn:uuid:"+string(consentID) || p.ID != "urn:uuid:"+string(g.Entry.Record.ID)+"#receipt" {
			t.Errorf("%s: receipt %s of the record %s", name, p.ID, p.Record.ID)
		}
	}
}

func TestD12_AWithdrawalHasAReceiptOfItsOwnThatStillTellsWhatWasAgreedTo(t *testing.T) {
	all := receipts(t)
	before, after := parse(t, receipt.Document(all["grant-photo"])), parse(t, receipt.Document(all["withdrawal"]))
	if before.ID == after.ID || before.Record.ID != after.Record.ID {
		t.Errorf("receipts %s and %s, of %s and %s", before.ID, after.ID, before.Record.ID, after.Record.ID)
	}
	if len(before.Record.Events) != 1 || len(after.Record.Events) != 2 || after.Record.Events[1].Type != "dpv:ConsentWithdrawn" {
		t.Errorf("events %v, then %v", before.Record.Events, after.Record.Events)
	}
	if !reflect.DeepEqual(before.Record.Processes, after.Record.Processes) {
		t.Errorf("the withdrawal tells of %v, agreed to was %v", after.Record.Processes, before.Record.Processes)
	}
}

func TestD23_AReceiptTellsWhoseWordItIs(t *testing.T) {
	all := receipts(t)
	person := "urn:uuid:" + string(enterpriseID) + "#subject-" + pseudonym
	guardian := map[string]any{"@type": "dpv:GuardianOfDataSubject"}
	for name, want := range map[string][]any{
		"grant-photo": {person}, "grant-guardian": {guardian}, "withdrawal": {person, person},
		"withdrawal-by-child": {guardian, person}, // a child may always stop what a guardian agreed to
	} {
		var got []any
		for _, e := range parse(t, receipt.Document(all[name])).Record.Events {
			got = append(got, e.By)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: by %v, want %v", name, got, want)
		}
	}
}

// Each route has its own data and its own recipients: nobody is told that the vendor of
// one gets what only another one needs.
func TestD09_AReceiptTellsEachRouteApart(t *testing.T) {
	const plain, sensitive = "PersonalData", "SensitivePersonalData"
	got := parse(t, receipt.Document(receipts(t)["grant-realname"])).Record.Processes
	vendor, other := "urn:uuid:"+string(noticeID)+"#recipient-1", "urn:uuid:"+string(noticeID)+"#recipient-2"
	want := []struct {
		name, recipient string
		data            map[string]string
	}{
		{"authority", vendor, map[string]string{"face_image": sensitive, "name": plain, "id_number": sensitive, "subject_id": plain}},
		{"hosted", other, map[string]string{"face_image": sensitive, "liveness_video": sensitive, "subject_id": plain}},
		{"two_factor", vendor, map[string]string{"name": plain, "id_number": sensitive, "subject_id": plain}},
		{"evidence", "urn:uuid:" + string(enterpriseID), map[string]string{"subject_id": plain, "pseudonym": "PseudonymisedData"}},
	}
	if len(got) != len(want) {
		t.Fatalf("%d processes, want %d", len(got), len(want))
	}
	for i, w := range want {
		if p := got[i]; p.Name != w.name || !slices.Equal(p.Recipients, []string{w.recipient}) || !maps.Equal(p.data(), w.data) {
			t.Errorf("%s goes to %v with %v, want %v", p.Name, p.Recipients, p.data(), w)
		}
	}
	for _, d := range parse(t, receipt.Document(receipts(t)["grant-guardian"])).Record.Processes[0].Data {
		if d.Type != "dpv:"+sensitive {
			t.Errorf("a child's %s is %s", d.Name, d.Type)
		}
	}
}

func TestD03_AReceiptPromisesToStoreTheEvidenceAndNothingElse(t *testing.T) {
	for name, g := range receipts(t) {
		for _, p := range parse(t, receipt.Document(g)).Record.Processes {
			if (len(p.Storage) > 0) != (p.Name == "evidence") {
				t.Errorf("%s: %s has the storage conditions %v", name, p.Name, p.Storage)
			}
		}
	}
}

// A kind of data that the notice names and none of its routes needs is told all the same.
func TestD09_AReceiptLeavesNoKindOfDataOut(t *testing.T) {
	g := granted(t, domain.Exam, domain.Self, domain.Chinese, domain.Photo)
	g.Notice.Facts.DataKinds = domain.DataKinds
	doc := receipt.Document(g)
	data := parse(t, doc).Record.Processes[0].data()
	if told := slices.Sorted(maps.Keys(data)); !slices.Equal(told, slices.Sorted(slices.Values(domain.DataKinds))) {
		t.Errorf("told are %v", told)
	}
	if err := schema(t).Validate(decoded(t, doc)); err != nil {
		t.Error(err)
	}
}
