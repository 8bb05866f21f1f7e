package objects_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"nod/shared/objects"
)

// On SCF a role's credentials are renewed with the calls: what is signed after that is
// signed by the new ones.
func TestTheRoleOnSCFIsAskedEachTime(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"} {
		t.Setenv(name, "")
	}
	t.Setenv("TENCENTCLOUD_SECRETKEY", "key")
	s, err := objects.Open("s3://cos.ap-guangzhou.myqcloud.com/nod-1250000000?region=ap-guangzhou", objects.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"AKIDfirst", "AKIDsecond"} {
		t.Setenv("TENCENTCLOUD_SECRETID", id)
		t.Setenv("TENCENTCLOUD_SESSIONTOKEN", "token of "+id)
		link, err := s.Link(t.Context(), "exports/a", "a.zip", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link)
		if err != nil || !strings.HasPrefix(u.Query().Get("X-Amz-Credential"), id+"/") || u.Query().Get("X-Amz-Security-Token") != "token of "+id {
			t.Errorf("with %s it is %s, %v", id, link, err)
		}
	}
}
