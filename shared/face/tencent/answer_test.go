package tencent

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Whatever comes from where the vendor should be, it is an answer or none, and a score is
// one that the vendor can give.
func FuzzAnswer(f *testing.F) {
	with := func(body string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	f.Add(with(`{"Response":{"Score":87.5,"FaceModelVersion":"3.0","RequestId":"x"}}`))
	f.Add(with(`{"Response":{"Score":1e308,"FaceModelVersion":"3.0"}}`))
	f.Add(with(`{"Response":{"Score":-0,"Score":100,"FaceModelVersion":"3.0"}}`))
	f.Add(with(`{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"x"}}}`))
	f.Add(with(`{"Response":{"Text":{"ErrCode":null,"Comparestatus":0}}}`))
	f.Add("HTTP/1.1 100 Continue\r\n\r\n" + with(`{"codeDesc":"InternalError"}`))
	f.Add("HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n")
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{}")
	f.Fuzz(func(t *testing.T, sent string) {
		a, err := readAnswer(strings.NewReader(sent))
		if err != nil && !errors.Is(err, errNoAnswer) && !errors.Is(err, errGarbled) {
			t.Fatal(err)
		}
		score, sound := a.score()
		if sound && (err != nil || !(score >= 0 && score <= 100) || !strings.Contains(sent, modelVersion)) {
			t.Errorf("%v of %q", score, sent)
		}
		_ = a.code()
	})
}
