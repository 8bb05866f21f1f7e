package lms

import (
	"slices"
	"sync"
	"time"

	"nod/shared/face/localapi/register"
)

// registered is somebody who can be registered by their real name: one of the made-up
// people whom the local face API's register, which plays the authority, knows of.
type registered struct {
	Subject, Name, IDNumber string

	Held bool // whether the platform has name and number on file
}

// people are those of age, whose numbers stay what they are.
var people = sync.OnceValue(func() []registered {
	known := register.At(time.Now())
	of := func(subject, name string, held bool) registered {
		e, _ := register.Find(known, name)
		return registered{subject, e.Name, e.IDNumber, held}
	}
	return []registered{
		of("emp-1029", register.Collins, true), of("emp-2044", register.Hopper, true), of("emp-3051", register.Dotted, false),
		of("emp-3052", register.NoPhoto, false), of("emp-3053", register.Poor, false), of("emp-3054", register.Unknown, false),
	}
})

// personOf is the one with the id on the platform; nil if there is none.
func personOf(subject string) *registered {
	list := people()
	i := slices.IndexFunc(list, func(p registered) bool { return p.Subject == subject })
	if i < 0 {
		return nil
	}
	return &list[i]
}
