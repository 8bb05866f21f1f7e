package bench

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"nod/shared/store"
	"nod/tests/wire"
)

// script is what the store sent to do a thing once: what travels together is one trip.
type script struct {
	trips [][]wire.Statement
	of    visitor // who it was done for
}

// recorded has a call made whose statements go through a proxy.
func recorded(p *wire.Proxy, of visitor, call func()) script {
	s := script{of: of}
	last := int64(-1)
	p.Watch(func(sent wire.Statement) wire.Fault {
		if sent.Trip != last {
			s.trips, last = append(s.trips, nil), sent.Trip
		}
		s.trips[len(s.trips)-1] = append(s.trips[len(s.trips)-1], sent)
		return wire.Fault{}
	})
	call()
	p.Watch(nil)
	return s
}

var anID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// isNew reports whether an argument is an id that the thing made.
func (s script) isNew(enterprise, arg string) bool {
	return anID.MatchString(arg) && arg != enterprise && arg != s.of.session && arg != s.of.subject
}

// pgbench spells it for that: the person is the number :i, what the thing made has its ids
// by that number, and all other arguments are variables with what was sent.
func (s script) pgbench(enterprise string) (lines string, variables []string) {
	var b strings.Builder
	names := map[string]string{}
	fresh := map[string]string{}
	spelled := func(a wire.Arg) string {
		arg := string(a.Value)
		if a.Binary {
			arg = `\x` + hex.EncodeToString(a.Value)
		}
		switch {
		case arg == s.of.session:
			return numberedInSQL(sessionMark, ":i::bigint")
		case arg == s.of.subject:
			return numberedInSQL(subjectMark, ":i::bigint")
		case s.isNew(enterprise, arg):
			if fresh[arg] == "" {
				fresh[arg] = numberedInSQL(fmt.Sprintf("0199f%03x-0000-7000-8000-", len(fresh)), ":i::bigint")
			}
			return fresh[arg]
		case arg == "":
			return "''" // pgbench has no variable that is empty
		}
		if names[arg] == "" {
			names[arg] = fmt.Sprintf("v%d", len(names))
			variables = append(variables, "-D", names[arg]+"="+arg)
		}
		return ":" + names[arg]
	}
	fmt.Fprintln(&b, `\set n :n + 1`)
	fmt.Fprintln(&b, `\set i :first + :client_id * :each + :n`)
	for _, trip := range s.trips {
		fmt.Fprintln(&b, `\startpipeline`)
		for _, statement := range trip {
			sql := statement.SQL
			for i := len(statement.Args); i > 0; i-- { // $12 before $1
				sql = strings.ReplaceAll(sql, fmt.Sprintf("$%d", i), spelled(statement.Args[i-1]))
			}
			fmt.Fprintln(&b, strings.Join(strings.Fields(sql), " ")+";")
		}
		fmt.Fprintln(&b, `\endpipeline`)
	}
	return b.String(), variables
}

// play sends the script for somebody else, as the store would.
func (s script) play(w *world, db *pgx.Conn, trip int, v visitor, fresh map[string]string) error {
	own := strings.NewReplacer(s.of.pairs(v)...)
	var b pgx.Batch
	for _, statement := range s.trips[trip] {
		args := []any{}
		for _, a := range statement.Args {
			text := string(a.Value)
			switch {
			case a.Null:
				args = append(args, nil)
			case a.Binary:
				args = append(args, a.Value)
			case s.isNew(w.tenant.Enterprise, text):
				if fresh[text] == "" {
					fresh[text] = string(store.NewID())
				}
				args = append(args, fresh[text])
			default:
				args = append(args, own.Replace(text))
			}
		}
		b.Queue(statement.SQL, args...)
	}
	return db.SendBatch(w.ctx(), &b).Close()
}

// A script is of one thing alone, or it tells nothing.
func (s script) check(tb testing.TB, trips int) {
	tb.Helper()
	if len(s.trips) != trips {
		tb.Fatalf("%d trips, want %d", len(s.trips), trips)
	}
	for _, trip := range s.trips {
		tb.Logf("%d statements: %.40s ... %.40s", len(trip), trip[0].SQL, trip[len(trip)-1].SQL)
	}
}
