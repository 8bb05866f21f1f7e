package secrets_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"nod/shared/secrets"
)

func digest(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// signed is what a signature of either cloud is over, from its two documents: AWS
// "Signature Version 4 signing process", Tencent Cloud 867/44982. Both list the headers that
// are signed, and derive the key from date, (region,) service and a last word.
type signed struct {
	algorithm, keyPrefix, end string
	secret                    string
	scope                     []string // behind the date
	timestamp                 string
}

func (s signed) by(t *testing.T, r *http.Request, body []byte, date string) {
	t.Helper()
	given := r.Header.Get("Authorization")
	_, rest, _ := strings.Cut(given, "SignedHeaders=")
	list, signature, _ := strings.Cut(rest, ",")
	_, signature, _ = strings.Cut(signature, "Signature=")
	var headers strings.Builder
	for name := range strings.SplitSeq(list, ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		if s.algorithm == "TC3-HMAC-SHA256" {
			value = strings.ToLower(value)
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.TrimSpace(value))
	}
	canonical := r.Method + "\n/\n\n" + headers.String() + "\n" + list + "\n" + digest(body)
	scope := strings.Join(append(append([]string{date}, s.scope...), s.end), "/")
	key := mac([]byte(s.keyPrefix+s.secret), date)
	for _, part := range append(s.scope, s.end) {
		key = mac(key, part)
	}
	want := hex.EncodeToString(mac(key, s.algorithm+"\n"+s.timestamp+"\n"+scope+"\n"+digest([]byte(canonical))))
	if signature != want || !strings.Contains(given, scope) {
		t.Errorf("signed as %q, want the signature %s over %q", given, want, canonical)
	}
}

// aws is a Parameter Store with some parameters in it.
func aws(t *testing.T, held map[string]string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		at := r.Header.Get("X-Amz-Date")
		signed{"AWS4-HMAC-SHA256", "AWS4", "aws4_request", "the key", []string{"cn-north-1", "ssm"}, at}.by(t, r, body, at[:8])
		var asked struct {
			Names          []string
			WithDecryption bool
		}
		if err := json.Unmarshal(body, &asked); err != nil || !asked.WithDecryption || len(asked.Names) > 10 ||
			r.Header.Get("X-Amz-Target") != "AmazonSSM.GetParameters" || r.Header.Get("X-Amz-Security-Token") != "the token" {
			t.Errorf("asked %s with %v", body, r.Header)
		}
		type parameter struct{ Name, Value string }
		var found []parameter
		var missing []string
		for _, name := range asked.Names {
			if value, is := held[name]; is {
				found = append(found, parameter{name, value})
			} else {
				missing = append(missing, name)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Parameters": found, "InvalidParameters": missing})
	}))
	t.Cleanup(s.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "the key")
	t.Setenv("AWS_SESSION_TOKEN", "the token")
	return s.URL
}

// tencent is a Secrets Manager with some secrets in it, by name and version.
func tencent(t *testing.T, held map[string]string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, date, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=AKID/")
		signed{"TC3-HMAC-SHA256", "TC3", "tc3_request", "the key", []string{"ssm"}, r.Header.Get("X-TC-Timestamp")}.by(t, r, body, date[:10])
		var asked struct{ SecretName, VersionId string }
		if err := json.Unmarshal(body, &asked); err != nil || r.Header.Get("X-TC-Action") != "GetSecretValue" ||
			r.Header.Get("X-TC-Version") != "2019-09-23" || r.Header.Get("X-TC-Token") != "the token" || r.Header.Get("X-TC-Region") != "ap-guangzhou" {
			t.Errorf("asked %s with %v", body, r.Header)
		}
		answer := map[string]any{"RequestId": "1"}
		if value, found := held[asked.SecretName+"/"+asked.VersionId]; found {
			answer["SecretString"] = value
		} else {
			answer["Error"] = map[string]string{"Code": "ResourceNotFound", "Message": "no " + asked.SecretName}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Response": answer})
	}))
	t.Cleanup(s.Close)
	t.Setenv("TENCENTCLOUD_SECRETID", "AKID")
	t.Setenv("TENCENTCLOUD_SECRETKEY", "the key")
	t.Setenv("TENCENTCLOUD_SESSIONTOKEN", "the token")
	return s.URL
}

func TestAReferenceBecomesWhatItNames(t *testing.T) {
	held := map[string]string{}
	var names []string
	for i := range 23 { // more than one call takes
		name := fmt.Sprintf("NOD_TEST_%d", i)
		held["/nod/"+name] = "value " + name
		names = append(names, name)
		t.Setenv(name, "aws-ssm:/nod/"+name)
	}
	t.Setenv("NOD_TEST_PLAIN", "postgres://nod:aws-ssm@db/nod")
	t.Setenv("NOD_TEST_T", "tencent-ssm:nod-key/v3")
	t.Setenv("NOD_TEST_U", "tencent-ssm:nod-key/v3") // two may name the same
	names = append(names, "NOD_TEST_PLAIN", "NOD_TEST_T", "NOD_TEST_U", "NOD_TEST_NOT_SET")
	for region, o := range map[string]secrets.Options{
		"cn-north-1": {Region: "cn-north-1", AWS: aws(t, held)}, "ap-guangzhou": {Region: "ap-guangzhou", Tencent: tencent(t, map[string]string{"nod-key/v3": "seed"})},
	} {
		some := names[:24]
		if region == "ap-guangzhou" {
			some = names[23:]
		}
		if err := secrets.Fill(t.Context(), some, o); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range names {
		want := map[string]string{"NOD_TEST_PLAIN": "postgres://nod:aws-ssm@db/nod", "NOD_TEST_T": "seed", "NOD_TEST_U": "seed", "NOD_TEST_NOT_SET": ""}[name]
		if i < 23 {
			want = "value " + name
		}
		if got := os.Getenv(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestWhatCannotBeFetchedIsNamedAndNoValueIs(t *testing.T) {
	o := secrets.Options{Region: "cn-north-1", AWS: aws(t, map[string]string{"/nod/there": "hunter2"})}
	t.Setenv("NOD_TEST_A", "aws-ssm:/nod/there")
	t.Setenv("NOD_TEST_B", "aws-ssm:/nod/missing")
	err := secrets.Fill(t.Context(), []string{"NOD_TEST_A", "NOD_TEST_B"}, o)
	if err == nil || !strings.Contains(err.Error(), "NOD_TEST_B names aws-ssm:/nod/missing") || strings.Contains(err.Error(), "NOD_TEST_A") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}

	// Where a store breaks off, what it did not come to is not called missing.
	o = secrets.Options{Region: "ap-guangzhou", Tencent: tencent(t, map[string]string{"a/1": "hunter2"})}
	t.Setenv("NOD_TEST_A", "tencent-ssm:a/1")
	t.Setenv("NOD_TEST_B", "tencent-ssm:b/1")
	t.Setenv("NOD_TEST_C", "tencent-ssm:c/1")
	err = secrets.Fill(t.Context(), []string{"NOD_TEST_A", "NOD_TEST_B", "NOD_TEST_C"}, o)
	if err == nil || !strings.Contains(err.Error(), "b/1") || strings.Contains(err.Error(), "NOD_TEST_C") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}

	o = secrets.Options{Region: "ap-guangzhou", Tencent: tencent(t, nil)}
	t.Setenv("NOD_TEST_A", "tencent-ssm:nod-key/v4")
	if err := secrets.Fill(t.Context(), []string{"NOD_TEST_A"}, o); err == nil || !strings.Contains(err.Error(), "nod-key/v4") || !strings.Contains(err.Error(), "ResourceNotFound") {
		t.Errorf("got %v", err)
	}
	t.Setenv("NOD_TEST_A", "tencent-ssm:nod-key")
	if err := secrets.Fill(t.Context(), []string{"NOD_TEST_A"}, o); err == nil || !strings.Contains(err.Error(), "NAME/VERSION") {
		t.Errorf("got %v", err)
	}
}

func TestAStoreThatAnswersOtherwiseIsAFault(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a refusal": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"hunter2"}`)
		},
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hunter2") },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(answer)
			defer s.Close()
			aws(t, nil)
			tencent(t, nil)
			for _, reference := range []string{"aws-ssm:/nod/a", "tencent-ssm:a/1"} {
				t.Setenv("NOD_TEST_A", reference)
				err := secrets.Fill(t.Context(), []string{"NOD_TEST_A"}, secrets.Options{Region: "ap-guangzhou", AWS: s.URL, Tencent: s.URL})
				if err == nil || strings.Contains(err.Error(), "hunter2") || os.Getenv("NOD_TEST_A") != reference {
					t.Errorf("%s: got %v", reference, err)
				}
			}
		})
	}
}

func TestWithoutARoleItSaysSo(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "TENCENTCLOUD_SECRETID"} {
		t.Setenv(name, "")
	}
	for _, reference := range []string{"aws-ssm:/nod/a", "tencent-ssm:a/1"} {
		t.Setenv("NOD_TEST_A", reference)
		if err := secrets.Fill(t.Context(), []string{"NOD_TEST_A"}, secrets.Options{}); err == nil || !strings.Contains(err.Error(), "role") {
			t.Errorf("%s: got %v", reference, err)
		}
	}
}
