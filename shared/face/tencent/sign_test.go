package tencent_test

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	iai "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/iai/v20200303"
	"pgregory.net/rapid"

	"nod/shared/face/tencent"
)

// The vendor's own client is the judge: for the same body at the same time it must
// write the very header that sign does.
func TestTheSignatureIsTheSDKs(t *testing.T) {
	v := newVendor(t, scored(80))
	host := strings.TrimPrefix(v.URL, "http://")
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`AKID[A-Za-z0-9]{1,40}`).Draw(t, "id")
		key := rapid.StringMatching(`[A-Za-z0-9]{1,60}`).Draw(t, "key")
		image := rapid.StringMatching(`[A-Za-z0-9+/]{0,200}`).Draw(t, "image")
		p := profile.NewClientProfile()
		p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "HTTP", host
		client, err := iai.NewClient(common.NewCredential(id, key), "ap-guangzhou", p)
		if err != nil {
			t.Fatal(err)
		}
		r := iai.NewCompareFaceRequest()
		r.ImageA, r.UrlB = new(image), new(photoURL)
		if _, err := client.CompareFace(r); err != nil {
			t.Fatal(err)
		}
		sent := v.calls[len(v.calls)-1]
		seconds, err := strconv.ParseInt(sent.header.Get("X-TC-Timestamp"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256([]byte(sent.body))
		got := tencent.Sign(id, key, host, time.Unix(seconds, 0), hash[:])
		if want := sent.header.Get("Authorization"); got != want {
			t.Fatalf("\n%s, the SDK's is\n%s", got, want)
		}
	})
}

// What is signed is what is sent, whatever the lengths: the pieces that the body is
// hashed in fall anywhere.
func TestTheBodyIsSignedAsItIsSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		image := rapid.StringMatching(`[A-Za-z0-9+/]{0,300}`).Draw(t, "image")
		url := rapid.String().Draw(t, "url")
		sent, hash, size := tencent.Body(t, struct{ UrlB string }{url}, "ImageA", image)
		if want := sha256.Sum256([]byte(sent)); string(hash) != string(want[:]) || size != len(sent) {
			t.Fatal("another body is signed")
		}
		var read map[string]string
		if err := json.Unmarshal([]byte(sent), &read); err != nil || read["ImageA"] != image || len(read) != 2 {
			t.Fatalf("%v: %s", err, sent)
		}
	})
}
