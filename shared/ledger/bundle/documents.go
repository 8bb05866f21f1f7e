package bundle

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// documents are the entries that Records name, with the hashes they name.
type documents map[string]string

func noticeFile(r Reference) string     { return "notices/" + r.ID + "." + r.locale() + ".json" }
func delegationFile(r Reference) string { return "delegations/" + r.ID + ".json" }

func (d documents) note(l Line) error {
	for _, ref := range []*Reference{l.Notice, l.NoticeInForce} {
		if ref != nil {
			if err := d.add(noticeFile(*ref), ref, l); err != nil {
				return err
			}
		}
	}
	if ref := l.Delegation; ref != nil {
		return d.add(delegationFile(*ref), ref, l)
	}
	return nil
}

func (d documents) add(name string, ref *Reference, l Line) error {
	if have, met := d[name]; met && have != ref.SHA256 {
		return fault(OtherDocument, "the Record %s names %s by another hash than Records before it", l.ID, name)
	}
	d[name] = ref.SHA256
	return nil
}

// agree holds the documents against the Records: each one that is named is there, and none
// besides.
func (v *verification) agree(named documents, laid *laidDown) error {
	files := v.manifest.Files
	for _, name := range slices.Sorted(maps.Keys(named)) {
		f, there := files[name]
		switch {
		case !there:
			return fault(Missing, "Records name %s, which is not in the bundle", name)
		case f.SHA256 != named[name]:
			return fault(OtherDocument, "%s is not the document that the Records name: its SHA-256 is another", name)
		}
	}
	for _, name := range v.manifest.names() {
		if isFixed(name) || stampFile.MatchString(name) {
			continue
		}
		if err := v.speaksFor(name, named, laid); err != nil {
			return err
		}
	}
	return nil
}

// speaksFor checks that a document is one that Records name, and that what it says of
// itself is what its name says.
func (v *verification) speaksFor(name string, named documents, laid *laidDown) error {
	files := v.manifest.Files
	if id, found := strings.CutSuffix(name, ".agreement"); found {
		return v.agreement(name, id+".json", named)
	}
	folder, rest, _ := strings.Cut(name, "/")
	id, rest, _ := strings.Cut(rest, ".")
	locale := strings.TrimSuffix(rest, ".json")
	if _, is := named[name]; !is {
		p := laid.notices[id]
		if folder != "notices" || p == nil || p.hashes[locale] != files[name].SHA256 {
			return fault(OtherDocument, "no Record names %s", name)
		}
	}
	raw, err := v.read(name, mostDocument)
	if err != nil {
		return err
	}
	var d struct{ ID, Locale, Enterprise string }
	if err := json.Unmarshal(raw, &d); err != nil {
		return fault(OtherDocument, "%s cannot be read", name)
	}
	if d.ID != id || d.Enterprise != v.manifest.Enterprise || folder == "notices" && d.Locale != locale {
		return fault(OtherDocument, "%s speaks of another one in itself", name)
	}
	return nil
}

// agreement compares an agreement's file with the hash that the delegation's terms hold.
func (v *verification) agreement(name, delegation string, named documents) error {
	var d struct {
		Terms struct {
			AgreementSHA256 string `json:"agreement_sha256"`
		} `json:"terms"`
	}
	if _, is := named[delegation]; !is {
		return fault(OtherDocument, "no Record names the delegation of %s", name)
	}
	raw, err := v.read(delegation, mostDocument)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &d); err != nil || d.Terms.AgreementSHA256 != v.manifest.Files[name].SHA256 {
		return fault(OtherDocument, "%s is not the agreement that the delegation's terms name", name)
	}
	return nil
}
