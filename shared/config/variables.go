package config

import "reflect"

// variables is read off Config's tags, so that the help cannot drift from it.
var variables = func() (list []Variable) {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		list = append(list, Variable{
			Name: Prefix + "_" + tag.Get("envconfig"), Default: tag.Get("default"), Meaning: tag.Get("desc"),
		})
	}
	return list
}()
