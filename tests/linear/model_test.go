package linear

import (
	"fmt"
	"strings"

	"github.com/anishathalye/porcupine"
)

// asked is what a call was about.
type asked struct {
	what       string // open, enter, grant, refuse, withdraw, receipt, reserve, conclude, look, publish, revoke, purpose, face
	person     int
	session    int // the history's number for it, which is given out when the call is sent
	version    int // of the notice that a decision answers
	contact    int
	delegation int
	on         bool      // of a switch; of a notice: raised to material
	result     string    // what the face API said
	place      int       // of the consent that a receipt was given for
	laid       []charter // what may have been laid down when the call looked: see apart
}

// told is what the answer was.
type told struct {
	refused  string // the problem's slug; empty if the call was granted
	wrote    bool   // a Record in the person's chain
	place    int    // of that Record, among the person's own (lapses and what was shown not counted)
	lapses   int    // how many lapses stand before it
	reliesOn int    // of a check: the place of the consent that its Record names

	state          string // of a session
	consent        consent
	uploads, fails int // left of a session
	running        bool
	version        int
	material       bool
}

// model lets porcupine run the book.
func model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return newBook() },
		Step: func(state, input, output any) (bool, any) {
			b := state.(book)
			ok := b.step(input.(asked), output.(told))
			return ok, b
		},
		DescribeOperation: func(input, output any) string { return describe(input.(asked), output.(told)) },
		DescribeState:     func(state any) string { return state.(book).describe() },
	}
}

// apart is the model for PostgreSQL. There a call about a person reads what is laid down
// at one instant, and takes its place in the person's chain at another, a little later.
// Which of two calls about one person comes first has an answer for everybody. Whether an
// instruction was given before or after a call that was under way has one too; but somebody
// who looks at both meanwhile may see the instruction done and the call not yet. On SQLite
// the two instants are one.
//
// So every call carries what may have been laid down between its being sent and its answer,
// and people can be looked at one by one.
func apart() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			people := make([][]porcupine.Operation, roomForPeople)
			for _, o := range history {
				person := o.Input.(asked).person
				people[person] = append(people[person], o)
			}
			return people
		},
		Init: func() []any { return []any{book{}} },
		Step: func(state, input, output any) (next []any) {
			for _, laid := range input.(asked).laid {
				b := state.(book)
				b.laid = laid
				if b.step(input.(asked), output.(told)) {
					b.laid = charter{}
					next = append(next, b)
				}
			}
			return next
		},
		DescribeOperation: func(input, output any) string { return describe(input.(asked), output.(told)) },
		DescribeState:     func(state any) string { return state.(book).describe() },
	}
	return m.ToModel()
}

// newBook is an enterprise where everything is in place and nobody has come yet.
func newBook() book {
	return book{laid: charter{purpose: true, face: true, notice: notice{version: 1, materialSince: 1}}}
}

// step applies a call and reports whether its answer is one that the rules allow.
func (b *book) step(in asked, out told) bool {
	if out.refused == "busy" { // it lost every race, and did nothing
		return true
	}
	i := in.session
	switch in.what {
	case "open":
		return explains(b.open(i, in.person), out.refused) && (out.refused != "" || b.sessions[i].state == out.state)
	case "enter":
		b.meet(i)
		return (out.refused == "code-expired") == b.sessions[i].final()
	case "grant":
		return explains(b.grant(i, in.version), out.refused) && b.stands(b.sessions[i].person, out)
	case "refuse":
		return explains(b.refuse(i, in.version), out.refused) && b.stands(b.sessions[i].person, out)
	case "withdraw":
		return explains(b.withdraw(i), out.refused) && b.stands(b.sessions[i].person, out)
	case "receipt":
		return explains(b.receipt(in.person, in.place), out.refused) && b.stands(in.person, out)
	case "reserve":
		return explains(b.reserve(i), out.refused) && b.stands(b.sessions[i].person, out) &&
			(out.refused != "" || out.reliesOn == b.sessions[i].reliesOn)
	case "conclude":
		relied := b.sessions[i].reliesOn
		return explains(b.conclude(i, in.result), out.refused) && b.stands(b.sessions[i].person, out) && out.reliesOn == relied
	case "look":
		b.meet(i)
		return b.looks(i, out)
	case "publish":
		material, why := b.laid.publish(in.contact, in.delegation, in.on)
		return explains(why, out.refused) && (out.refused != "" || out.version == b.laid.notice.version && out.material == material)
	case "revoke":
		b.laid.revoked[in.delegation] = true
	case "purpose":
		b.laid.purpose = in.on
	case "face":
		b.laid.face = in.on
	}
	return out.refused == ""
}

// stands reports whether the call's Record stands where the book puts it.
func (b *book) stands(who int, out told) bool {
	p := b.people[who]
	return !out.wrote || out.place == p.records && out.lapses == p.lapses
}

func (b *book) looks(i int, out told) bool {
	s, c := b.sessions[i], b.who(i).consent
	return out.state == s.state && out.consent.state == c.state && (c.state == "" || out.consent.place == c.place) &&
		out.uploads == mostUploads-s.uploads && out.fails == mostFails-s.fails && out.running == s.running &&
		out.version == b.laid.notice.version
}

func describe(in asked, out told) string {
	what := map[string]string{
		"open":     fmt.Sprintf("opens %d for person %d", in.session, in.person),
		"enter":    fmt.Sprintf("takes %d to its page", in.session),
		"grant":    fmt.Sprintf("agrees to version %d in %d", in.version, in.session),
		"refuse":   fmt.Sprintf("refuses version %d in %d", in.version, in.session),
		"withdraw": fmt.Sprintf("withdraws in %d", in.session),
		"receipt":  fmt.Sprintf("withdraws consent %d of person %d by its receipt", in.place, in.person),
		"reserve":  fmt.Sprintf("asks for a check in %d", in.session),
		"conclude": fmt.Sprintf("is told %s in %d", in.result, in.session),
		"look":     fmt.Sprintf("looks at %d", in.session),
		"publish":  fmt.Sprintf("publishes contact %d on delegation %d, raised %t", in.contact, in.delegation, in.on),
		"revoke":   fmt.Sprintf("revokes delegation %d", in.delegation),
		"purpose":  fmt.Sprintf("turns the purpose %t", in.on),
		"face":     fmt.Sprintf("turns the face service %t", in.on),
	}[in.what]
	switch {
	case out.refused != "":
		what += " -> " + out.refused
	case in.what == "look":
		what += fmt.Sprintf(" -> %s, consent %s (%d), %d uploads and %d attempts left, running %t, version %d",
			out.state, out.consent.state, out.consent.place, out.uploads, out.fails, out.running, out.version)
	case in.what == "open":
		what += " -> " + out.state
	case in.what == "publish":
		what += fmt.Sprintf(" -> version %d, material %t", out.version, out.material)
	}
	if out.wrote {
		what += fmt.Sprintf(" [Record %d, after %d lapses, on %d]", out.place, out.lapses, out.reliesOn)
	}
	return what
}

func (b book) describe() string {
	var t strings.Builder
	fmt.Fprintf(&t, "laid down: %+v", b.laid)
	for i, p := range b.people {
		fmt.Fprintf(&t, "\nperson %d: %+v", i, p)
	}
	for i, s := range b.sessions {
		if s.state != "" {
			fmt.Fprintf(&t, "\nsession %d: %+v", i, s)
		}
	}
	return t.String()
}
