package config

import (
	"net/url"
	"os"
	"reflect"

	"nod/shared/secrets"
)

// Variable is one variable of the configuration, for help texts.
type Variable struct {
	Name, Default, Meaning string
	Secret                 bool
}

// Shown is what the environment sets it to, as anybody may read it: a secret is withheld,
// and the name of one in a cloud's store is not. It is empty where nothing is set.
func (v Variable) Shown() string {
	value := os.Getenv(v.Name)
	if v.Secret && value != "" && !secrets.Named(value) {
		return redacted
	}
	if u, err := url.Parse(value); err == nil && u.User != nil { // wherever somebody put a password
		u.User = url.User(redacted)
		return u.String()
	}
	return value
}

// Variables lists all that can be set.
func Variables() []Variable { return variables }

// variables is read off Config's tags, so that the help cannot drift from it.
var variables = func() (list []Variable) {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		list = append(list, Variable{
			Name: Prefix + "_" + tag.Get("envconfig"), Default: tag.Get("default"), Meaning: tag.Get("desc"),
			Secret: t.Field(i).Type == reflect.TypeFor[Secret](),
		})
	}
	return list
}()
