package told

import (
	"slices"
	"sync"
	"time"
)

// What a person asked for, or was told.
const (
	Granted   = "granted"
	Refused   = "refused"
	Withdrawn = "withdrawn"
	Checked   = "checked"
)

// Word is one thing that somebody was told.
type Word struct {
	What    string
	Session string
	Record  string // the id of the decision's Record
	Leaf    string // its leaf hash, where it was told
	Line    string // the whole Record, where it was told
	Attempt string // of a check
	Result  string // of a check: pass, fail, or the slug of the problem that says why not
	At      time.Time
	Took    time.Duration // from the first time that it was asked for, whatever came between
}

// Book is what clients asked for and what they were told. It is safe for concurrent use.
type Book struct {
	mu    sync.Mutex
	words []Word
	asked map[string]int // by session and what, or by session and attempt
	tries map[string]int // answers that were none, by what was said instead
	slow  time.Duration  // the longest that one try waited for its answer
}

// NewBook makes an empty one.
func NewBook() *Book { return &Book{asked: map[string]int{}, tries: map[string]int{}} }

// ask notes a wish before it is sent. One that is repeated, because its answer was lost,
// is one wish.
func (b *Book) ask(session, what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked[session+" "+what]++
}

func (b *Book) tell(w Word) {
	w.At = time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.words = append(b.words, w)
}

// failed notes that a try was answered with nothing that counts.
func (b *Book) failed(how string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries[how]++
}

// answered notes how long one try waited for its answer, whatever that was.
func (b *Book) answered(took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.slow = max(b.slow, took)
}

// Slowest is the longest that one try waited for its answer since this was asked last.
func (b *Book) Slowest() (took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	took, b.slow = b.slow, 0
	return took
}

// Words are what was told so far, in the order in which it arrived.
func (b *Book) Words() []Word {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.words)
}

// Tries counts the tries that came to nothing, by what was answered.
func (b *Book) Tries() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make(map[string]int, len(b.tries))
	for how, n := range b.tries {
		all[how] = n
	}
	return all
}

// After finds the first word of a kind that was told later than a moment.
func (b *Book) After(moment time.Time, what ...string) (Word, bool) {
	for _, w := range b.Words() {
		if w.At.After(moment) && slices.Contains(what, w.What) {
			return w, true
		}
	}
	return Word{}, false
}
