package config_test

import (
	"errors"
	"strings"
	"testing"

	"nod/shared/config"
)

// Lists and addresses that somebody typed are taken or refused, and a faulty secret is not
// shown by what is said of it.
func FuzzVariables(f *testing.F) {
	f.Add("FACE_ENDPOINT", "https://iai.tencentcloudapi.com@evil.example")
	f.Add("OBJECTS", "s3://cos.ap-guangzhou.myqcloud.com.evil.example/bucket?region=%zz")
	f.Add("DB", "postgres://nod:s3cr3ts3cr3t@[::1%25lo]:x/nod")
	f.Add("DOMAIN_FILES", "WW_verify_a.txt=abc,../b.txt=x,=,")
	f.Add("TSA_URL", "http://u:s3cr3ts3cr3t@tsa.example")
	f.Add("TSA_ROOTS", "LS0tLS1CRUdJTg==")
	f.Add("PUBLIC_URL", "https://nod.example.com\\@evil.example")
	f.Add("ADDR", ":::")
	f.Add("FACE_TIMEOUT", "9999999h")
	f.Fuzz(func(t *testing.T, name, value string) {
		var known bool
		for _, v := range config.Variables() {
			known = known || v.Name == config.Prefix+"_"+name
		}
		if !known || strings.ContainsRune(value, 0) || strings.HasPrefix(value, "aws-ssm:") || strings.HasPrefix(value, "tencent-ssm:") {
			return // those are fetched
		}
		set(t, name+"="+value)
		c, err := config.Load(all...)
		if err != nil && strings.Contains(err.Error(), "s3cr3ts3cr3t") {
			t.Errorf("the error shows a secret: %v", err)
		}
		if err != nil && errors.Unwrap(err) == nil {
			t.Errorf("an error of no kind: %v", err)
		}
		for file := range c.DomainFiles {
			if err == nil && strings.ContainsAny(file, "/\\%") {
				t.Errorf("a file is called %q", file)
			}
		}
	})
}
