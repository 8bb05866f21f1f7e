package tencent

// Names lists the codes of the table, for the tests outside.
func Names() (list []string) {
	for _, c := range Codes {
		list = append(list, c.name)
	}
	return list
}
