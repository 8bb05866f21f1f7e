package browser

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"nod/shared/domain"
)

// Whoever has to wait waits with a countdown, and is checked without another photo.
func TestWaitingForATurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v, b := atTheCamera(t, w, collins, func(b *tab) {
		keepsUploads(b)
		b.before(`const later = window.setTimeout; window.setTimeout = (f, ms, ...a) => later(f, ms > 60 && ms <= 1000 ? 60 : ms, ...a)`)
	})
	b.expects("429")
	w.face.answers("RequestLimitExceeded", "RequestLimitExceeded")
	b.shoots(inEnglish).at("waiting").reads("your photo is still on your device", "Trying again in")
	b.at("passed")
	v.is("passed")
	if n := eval[int](b, "new Set(window.uploads.map(u => JSON.parse(u).image)).size"); n != 1 {
		t.Errorf("%d photos were sent", n)
	}
	if n := eval[int](b, "new Set(window.uploads.map(u => JSON.parse(u).attempt_id)).size"); n != 3 {
		t.Errorf("%d attempts were made, want 3", n)
	}
}

func (b *tab) offline(is bool) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	b.must(err)
	_, err = chromedp.Call(b.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: is, DownloadThroughput: -1, UploadThroughput: -1,
	})
	b.must(err)
}

// Offline, and back: it goes on by itself, with the same attempt.
func TestOfflineAndBack(t *testing.T) {
	t.Parallel()
	v := shared().visitor(t)
	b := newTab(t, collins, "en")
	b.expects("ERR_INTERNET_DISCONNECTED")
	keepsUploads(b)
	b.open(v.url)
	b.at("consent")
	b.offline(true)
	b.click("Agree").at("offline").reads("nothing is lost", "The alternative")
	v.is("open")
	b.offline(false)
	b.at("ready").click("Open the camera").at("live")
	b.offline(true)
	b.click("Take photo").at("checking").reads("It goes on by itself")
	b.offline(false)
	b.at("passed")
	if n := eval[int](b, "new Set(window.uploads.map(u => JSON.parse(u).attempt_id)).size"); n != 1 {
		t.Errorf("%d attempts were made", n)
	}
}

// With the service down, the person is told that it is not their doing, and led on.
func TestTheServiceDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, domain.Live)
	v := w.visitor(t)
	b := newTab(t, collins, "en")
	b.expects("503")
	w.door.shut.Store(true)
	b.open(v.url)
	b.at("down").reads("This is not your doing", "The alternative")
	w.door.shut.Store(false)
	b.click("Try again")
	b.agrees(inEnglish)

	w.face.answers("InternalError", "AuthFailure.SecretIdNotFound")
	b.shoots(inEnglish).at("retake").reads("The comparison service cannot be reached", "The alternative")
	b.click("Take another photo").at("live").click("Take photo")
	b.at("retake").reads("The operator has to see to this")
	if got := eval[bool](b, "[...document.querySelectorAll('#main button')].some(b => b.textContent === 'Take another photo')"); got {
		t.Error("another photo is offered where it will not help")
	}
	v.is("consented")
}
