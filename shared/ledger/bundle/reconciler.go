package bundle

import (
	"bufio"
	"cmp"
	"container/heap"
	"io"
	"strings"
)

// Reconciled is what the rules between Records come to, with the first Records of each kind.
type Reconciled struct {
	Reconciliation
	Named map[Kind][]Named
}

// Reconcile holds the deeds of several runs against the rules, one person after the other,
// and comes to what the verification of the bundle will come to. begins says that the bundle
// begins with the log's first Record. What does not read as a decision is passed over: the
// verification says so.
func Reconcile(laid *LaidDown, begins bool, runs ...io.Reader) (Reconciled, error) {
	r, person := newRules(laid, begins), ""
	err := merge(runs, func(x *deed) error {
		if x.line.Subject != person {
			r.forget()
			person = x.line.Subject
		}
		_ = r.see(x.line, x.place, x.at, x.exported)
		return nil
	})
	r.forget()
	return Reconciled{r.Reconciliation, r.named}, err
}

// MergeDeeds makes one run of several.
func MergeDeeds(w io.Writer, runs ...io.Reader) error {
	out, d, begun := bufio.NewWriterSize(w, 64<<10), &Deeds{}, false
	list, err := openRuns(runs)
	if err != nil {
		return err
	}
	for _, r := range list {
		for _, word := range r.words {
			d.word(word)
		}
	}
	err = list.drain(func(x *deed) error {
		if !begun {
			begun = true
			if _, err := out.Write(d.head()); err != nil {
				return err
			}
		}
		d.text = d.text[:0]
		d.put(*x)
		_, err := out.Write(d.text)
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func merge(runs []io.Reader, each func(*deed) error) error {
	list, err := openRuns(runs)
	if err != nil {
		return err
	}
	return list.drain(each)
}

// pile is runs that are not at their end, the one with the next deed first.
type pile []*run

func openRuns(from []io.Reader) (list pile, err error) {
	for _, f := range from {
		r, err := openRun(f)
		if err != nil {
			return nil, err
		}
		if r.next != nil {
			list = append(list, r)
		}
	}
	heap.Init(&list)
	return list, nil
}

func (p *pile) drain(each func(*deed) error) error {
	for len(*p) > 0 {
		r := (*p)[0]
		if err := each(r.next); err != nil {
			return err
		}
		if err := r.advance(); err != nil {
			return err
		}
		if r.next == nil {
			heap.Pop(p)
		} else {
			heap.Fix(p, 0)
		}
	}
	return nil
}

func (p pile) Len() int { return len(p) }
func (p pile) Less(i, j int) bool {
	a, b := p[i].next, p[j].next
	return cmp.Or(strings.Compare(a.line.Subject, b.line.Subject), cmp.Compare(a.place, b.place)) < 0
}
func (p pile) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *pile) Push(any)     { panic("bundle: no run joins a merge") }
func (p *pile) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}
