package bundle

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"nod/shared/domain"
	"nod/shared/receipt"
)

// ConsentsGraph is the consents for programs: the lines about consents, and the notices that
// they name, as consent records of ISO/IEC TS 27560 in JSON-LD. Package receipt writes them.
const ConsentsGraph = "consents.jsonld"

// AppendConsent writes a line as a node of ConsentsGraph; nothing if it is about none.
func AppendConsent(b []byte, l Line, origin string) []byte {
	if kind, _, _ := strings.Cut(l.Type, "."); kind != "consent" {
		return b
	}
	s := receipt.Said{
		ID: l.ID, Type: l.Type, At: l.At, Enterprise: l.Enterprise, Subject: l.Subject, Purpose: l.Purpose, Routes: l.Routes,
		Consent: l.Consent, By: l.By, Until: l.Until, Via: l.Via, Cause: l.Cause,
	}
	if l.Notice != nil {
		s.Notice, s.Locale = l.Notice.ID, l.Notice.locale()
	}
	if d := l.Delegation; d != nil {
		s.Delegation = domain.DelegationRef{ID: domain.ID(d.ID), Version: d.Version, SHA256: d.SHA256}
	}
	return append(b, s.Node(origin)...)
}

// ConsentsEnd writes the rest of ConsentsGraph, what the lines share. document finds a
// notice's document by its file.
func (a Account) ConsentsEnd(document func(name string) ([]byte, error)) ([]byte, error) {
	var list []receipt.Noticed
	for _, r := range relied(a.Tally.Consents) {
		text, err := document(noticeFile(r))
		if err != nil {
			return nil, err
		}
		n := receipt.Noticed{Document: text, SHA256: r.SHA256}
		if p := a.Laid.notices[r.ID]; p != nil {
			n.From = p.from
		}
		list = append(list, n)
	}
	b, err := receipt.Shared(list)
	if err != nil {
		return nil, err
	}
	var latest []byte
	if id := a.Laid.LatestNotice(); id != "" {
		if latest, err = document(noticeFile(Reference{ID: id})); err != nil {
			return nil, err
		}
	}
	end, err := receipt.Close(a.Manifest.Enterprise, latest)
	return append(b, end...), err
}

// graph is ConsentsGraph as it is read and compared.
type graph struct {
	*entry
	text *bufio.Reader
	have []byte
}

func (v *verification) openGraph() (*graph, error) {
	e, err := v.open(ConsentsGraph)
	if err != nil {
		return nil, err
	}
	g := &graph{entry: e, text: bufio.NewReaderSize(e, 32<<10)}
	return g, g.expect(receipt.Heading())
}

// expect reads as much as is to be there.
func (g *graph) expect(want []byte) error {
	if cap(g.have) < len(want) {
		g.have = make([]byte, len(want))
	}
	g.have = g.have[:len(want)]
	_, err := io.ReadFull(g.text, g.have)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if err != nil || !bytes.Equal(g.have, want) {
		return fault(WrongTable, "%s is not what the lines come to", ConsentsGraph)
	}
	return nil
}

// end expects the rest, and nothing behind it.
func (g *graph) end(want []byte) error {
	if err := g.expect(want); err != nil {
		return err
	}
	if n, _ := g.text.Discard(1); n > 0 {
		return fault(WrongTable, "%s goes on behind its end", ConsentsGraph)
	}
	return nil
}
