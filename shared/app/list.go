package app

import (
	"encoding/json"

	"nod/shared/domain"
)

// Page is which part of a list is asked for.
type Page struct {
	After domain.ID // the cursor of the page before
	Limit int
}

// Bounds of a page. A page may be shorter than was asked for: what its things weigh
// as JSON counts too, because a function's answer is bounded.
const (
	DefaultPage  = 50
	LargestPage  = 200
	heaviestPage = 2 << 20
)

// fetch is one more than the page holds, to see whether another follows.
func (p Page) fetch() int { return p.limit() + 1 }

func (p Page) limit() int {
	if p.Limit <= 0 {
		return DefaultPage
	}
	return min(p.Limit, LargestPage)
}

// List is a page of things; Cursor leads to the next one and is absent on the last.
type List[T any] struct {
	Items  []T       `json:"items"`
	Cursor domain.ID `json:"cursor,omitempty"`
}

// paged makes a page of what was fetched for it, in order of the list.
func paged[T, V any](list []T, p Page, id func(T) domain.ID, view func(T) V) List[V] {
	out := List[V]{Items: []V{}}
	weight := 0
	for i, x := range list {
		v := view(x)
		weight += weigh(v)
		if i == p.limit() || i > 0 && weight > heaviestPage {
			out.Cursor = id(list[i-1])
			break
		}
		out.Items = append(out.Items, v)
	}
	return out
}

func weigh(v any) int {
	text, err := json.Marshal(v)
	if err != nil {
		return heaviestPage // whoever writes it will say why it cannot be written
	}
	return len(text)
}

// behind is what follows the cursor in a list that is there as a whole, by id.
func behind[T any](list []T, p Page, id func(T) domain.ID) []T {
	for i, x := range list {
		if id(x) > p.After {
			return list[i:]
		}
	}
	return nil
}
