package tencent

import (
	"strings"
	"time"
)

// Names lists the codes of the table, for the tests outside.
func Names() (list []string) {
	for _, c := range Codes {
		list = append(list, c.name)
	}
	return list
}

// Sign signs a call of IAI.
func Sign(id, key, host string, at time.Time, hash []byte) string {
	return product{service: iai, host: host}.sign(id, key, at, hash)
}

// Body is a body as it is sent, with its hash and the size that is announced.
func Body(t interface{ Fatal(...any) }, parameters any, name, image string) (sent string, hash []byte, size int) {
	b, err := newBody(parameters, name, []byte(image))
	if err != nil {
		t.Fatal(err)
	}
	var w strings.Builder
	if err := b.writeTo(&w); err != nil {
		t.Fatal(err)
	}
	return w.String(), b.hash(), b.size()
}
