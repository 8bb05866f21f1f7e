package objects_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nod/shared/objects"
)

// A function of SCF has its role's credentials in the environment, others with each call.
func TestTheRoleOfAFunctionIsFoundAtEachCall(t *testing.T) {
	var authorization, token string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization, token = r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token")
		w.Header().Set("ETag", `"1"`)
	}))
	defer s.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_ACCESS_KEY", "")
	t.Setenv("TENCENTCLOUD_SECRETKEY", "key")
	store, err := objects.Open("s3://"+strings.TrimPrefix(s.URL, "http://")+"/nod?region=ap-guangzhou", objects.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"AKID1", "AKID2"} {
		t.Setenv("TENCENTCLOUD_SECRETID", id)
		t.Setenv("TENCENTCLOUD_SESSIONTOKEN", "token of "+id)
		if err := store.Publish(t.Context(), enterprise, 1, []byte("checkpoint")); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(authorization, "Credential="+id+"/") || token != "token of "+id {
			t.Errorf("signed as %q with %q, want %s", authorization, token, id)
		}
	}
}
