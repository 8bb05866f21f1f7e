package lms

import "slices"

// registered is somebody who can be registered by their real name. They are made up: their
// ID numbers have the right form and begin with a place that does not exist, so that they
// are nobody's. The local face API's register, which plays the authority, knows them.
type registered struct {
	Subject, Name, IDNumber string

	Held bool // whether the platform has name and number on file
}

// people are those of age.
var people = []registered{
	{"emp-1029", "林示例", "11999919900307102X", true},
	{"emp-2044", "何示范", "119999198510212048", true},
	{"emp-3051", "阿示·依例", "119999200005058043", false},
	{"emp-3052", "郑无照", "119999197806305011", false}, // the authority has no photo,
	{"emp-3053", "冯小照", "119999199602296028", false}, // one that is too small,
	{"emp-3054", "陈未录", "119999196912317038", false}, // or no record at all
}

// personOf is the one with the id on the platform; nil if there is none.
func personOf(subject string) *registered {
	i := slices.IndexFunc(people, func(p registered) bool { return p.Subject == subject })
	if i < 0 {
		return nil
	}
	return &people[i]
}
