package localapi

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyPostToTheRootIsTheAPI(t *testing.T) {
	s := newAPI(t)
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", http.StatusMethodNotAllowed},
		{http.MethodHead, "/", http.StatusMethodNotAllowed},
		{http.MethodPut, "/", http.StatusMethodNotAllowed},
		{http.MethodGet, "/favicon.ico", http.StatusNotFound},
		{http.MethodPost, "/v1", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.want || c.want == http.StatusMethodNotAllowed && w.Header().Get("Allow") != http.MethodPost {
			t.Errorf("%s %s: %d %v", c.method, c.path, w.Code, w.Header())
		}
	}
}

func TestOtherActionsAreUnknownAndSayThatThereIsNoLiveness(t *testing.T) {
	s := newAPI(t)
	for _, action := range []string{"DetectLiveFaceAccurate", "VerifyFace", "compareface"} {
		e := send(t, s, call{body: "{}", headers: map[string]string{"X-TC-Action": action}}.request()).Error
		if e.Code != "UnsupportedOperation.UnknowMethod" || !strings.Contains(e.Message, "no liveness") {
			t.Errorf("%s: %v", action, e)
		}
	}
	e := send(t, s, call{body: "{}", headers: map[string]string{"X-TC-Version": "2018-03-01"}}.request()).Error
	if e.Code != "NoSuchVersion" {
		t.Errorf("old version: %v", e)
	}
}

func TestFaultsOfARequestHaveTheVendorsCodes(t *testing.T) {
	s := newAPI(t)
	img := base64.StdEncoding.EncodeToString(blank(64, 64))
	long := strings.Repeat("A", maxEncoded+4)
	for _, c := range []struct{ name, body, want string }{
		{"no JSON", `ImageA=1`, "InvalidParameter.InvalidParameter"},
		{"nothing", ``, "InvalidParameter.InvalidParameter"},
		{"null", `null`, "InvalidParameter.InvalidParameter"},
		{"a list", `[]`, "InvalidParameter.InvalidParameter"},
		{"two objects", `{"FaceModelVersion":"3.0"}{}`, "InvalidParameter.InvalidParameter"},
		{"an image that is a number", `{"FaceModelVersion":"3.0","ImageA":5}`, "InvalidParameter.InvalidParameter"},
		{"a level in quotes", `{"FaceModelVersion":"3.0","QualityControl":"1"}`, "InvalidParameter.InvalidParameter"},
		{"an unknown field", `{"FaceModelVersion":"3.0","PersonId":"1"}`, "UnknownParameter"},
		{"a field in other letters", `{"faceModelVersion":"3.0"}`, "UnknownParameter"},
		{"no model version", `{}`, "InvalidParameterValue.FaceModelVersionIllegal"},
		{"the old model", `{"FaceModelVersion":"2.0"}`, "InvalidParameterValue.FaceModelVersionIllegal"},
		{"quality -1", `{"FaceModelVersion":"3.0","QualityControl":-1}`, "InvalidParameterValue.QualityControlIllegal"},
		{"quality 5", `{"FaceModelVersion":"3.0","QualityControl":5}`, "InvalidParameterValue.QualityControlIllegal"},
		{"rotation 2", `{"FaceModelVersion":"3.0","NeedRotateDetection":2}`, "InvalidParameter.InvalidParameter"},
		{"strategy 2", `{"FaceModelVersion":"3.0","FaceMatchingStrategy":2}`, "InvalidParameter.InvalidParameter"},
		{"no image", `{"FaceModelVersion":"3.0","ImageB":"` + img + `"}`, "MissingParameter.ErrorParameterEmpty"},
		{"null for an image", `{"FaceModelVersion":"3.0","ImageA":null}`, "MissingParameter.ErrorParameterEmpty"},
		{"no second image", `{"FaceModelVersion":"3.0","ImageA":"` + img + `"}`, "MissingParameter.ErrorParameterEmpty"},
		{"an empty image", `{"FaceModelVersion":"3.0","ImageA":""}`, "InvalidParameterValue.ImageEmpty"},
		{"no base64", `{"FaceModelVersion":"3.0","ImageA":"***"}`, "FailedOperation.ImageDecodeFailed"},
		{"more than 5 MB", `{"FaceModelVersion":"3.0","ImageA":"` + long + `"}`, "FailedOperation.ImageSizeExceed"},
		{"more than 10 MB", strings.Repeat(" ", maxBody) + `{}`, "RequestSizeLimitExceeded"},
		{"no face", `{"FaceModelVersion":"3.0","ImageA":"` + img + `","ImageB":"` + img + `"}`, "InvalidParameterValue.NoFaceInPhoto"},
		{"escaped slashes", `{"FaceModelVersion":"3.0","ImageA":"` + strings.ReplaceAll(img, "/", `\/`) + `","ImageB":"` + strings.ReplaceAll(img, "=", `\u003d`) + `"}`,
			"InvalidParameterValue.NoFaceInPhoto"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := send(t, s, call{body: c.body}.request()).Error.Code; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestBodyMustBeCalledJSON(t *testing.T) {
	r := call{body: `{}`, headers: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}}.request()
	if got := send(t, newAPI(t), r).Error.Code; got != "InvalidParameter.InvalidParameter" {
		t.Error(got)
	}
}

// keeper remembers every buffer that it was given to fill.
type keeper struct {
	bytes.Reader
	buffers [][]byte
}

func (k *keeper) Read(p []byte) (int, error) {
	k.buffers = append(k.buffers, p)
	return k.Reader.Read(p)
}

func TestBuffersThatWereOutgrownAreOverwritten(t *testing.T) {
	face := bytes.Repeat([]byte("face"), firstRead)
	for name, limit := range map[string]int{"within the limit": len(face), "beyond it": len(face) - 1} {
		t.Run(name, func(t *testing.T) {
			k := &keeper{Reader: *bytes.NewReader(face)}
			got, err := readBounded(k, -1, limit)
			if (limit < len(face)) != errors.Is(err, errTooLong) {
				t.Fatal(err)
			}
			if err == nil && !bytes.Equal(got, face) {
				t.Error("something else was read")
			}
			clear(got)
			for i, b := range k.buffers {
				if bytes.Contains(b, []byte("face")) {
					t.Errorf("buffer %d of %d still holds a piece", i, len(k.buffers))
				}
			}
		})
	}
}

func TestAnnouncedLengthIsNotBelieved(t *testing.T) {
	for announced, limit := range map[int64]int{2: 100, 50: 100, -1: 100, 0: 100} {
		got, err := readBounded(strings.NewReader("0123456789"), announced, limit)
		if err != nil || string(got) != "0123456789" {
			t.Errorf("announced %d: %q, %v", announced, got, err)
		}
	}
	if _, err := readBounded(strings.NewReader(""), 1<<40, 100); !errors.Is(err, errTooLong) {
		t.Errorf("a terabyte: %v", err)
	}
}

func TestImagesOfAFailedRequestAreWiped(t *testing.T) {
	q, err := parseCompare([]byte(`{"ImageA":"ZmFjZQ==","ImageB":"ZmFjZQ=="}`))
	if err == nil || string(q.ImageA.data) != "face" {
		t.Fatalf("%q, %v", q.ImageA.data, err)
	}
	q.wipe()
	if string(q.ImageA.data)+string(q.ImageB.data) != strings.Repeat("\x00", 8) {
		t.Error("something was left")
	}
}

func FuzzBodyGivesARequestOrACode(f *testing.F) {
	f.Add([]byte(`{"FaceModelVersion":"3.0","ImageA":"ZmFjZQ==","UrlB":"http://a/b","QualityControl":1,"FaceMatchingStrategy":0}`))
	f.Add([]byte(`{"ImageA":"\u003d","ImageA":null,"ImageA":{}}`))
	f.Add([]byte(`{"QualityControl":1e99}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := parseCompare(body)
		defer q.wipe()
		if e := new(apiError); err != nil && !errors.As(err, &e) {
			t.Errorf("%v has no code", err)
		}
		if err == nil && (q.FaceModelVersion != "3.0" || q.QualityControl < 0 || q.QualityControl > 4) {
			t.Errorf("accepted %+v", q)
		}
	})
}
