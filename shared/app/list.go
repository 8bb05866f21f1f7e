package app

import "nod/shared/domain"

// Page is which part of a list is asked for.
type Page struct {
	After domain.ID // the cursor of the page before
	Limit int
}

// Bounds of a page.
const (
	DefaultPage = 50
	LargestPage = 200
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

func paged[T, V any](list []T, p Page, id func(T) domain.ID, view func(T) V) List[V] {
	out := List[V]{}
	if len(list) > p.limit() {
		list = list[:p.limit()]
		out.Cursor = id(list[len(list)-1])
	}
	out.Items = whole(list, view).Items
	return out
}

func whole[T, V any](list []T, view func(T) V) List[V] {
	out := List[V]{Items: make([]V, 0, len(list))}
	for _, x := range list {
		out.Items = append(out.Items, view(x))
	}
	return out
}
