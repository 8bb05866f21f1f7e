package engine

import (
	"math"
	"math/rand/v2"
	"testing"
)

// noise is a volume of reproducible numbers.
func noise(seed uint64, h, w, c int) volume {
	r := rand.New(rand.NewPCG(seed, 1))
	v := new(arena).volume(h, w, c)
	for i := range v.data {
		v.data[i] = r.Float32()*2 - 1
	}
	return v
}

// slowConv is the definition of a convolution, without any trick.
func slowConv(c conv, x volume, stride int, p padding) volume {
	h, top := p.window(x.h, c.k, stride)
	w, left := p.window(x.w, c.k, stride)
	y := new(arena).volume(h, w, c.out)
	for i := range y.data {
		o, j, k := i%c.out, i/c.out%w, i/c.out/w
		sum := float64(c.bias[o])
		for t := range c.k * c.k * c.in {
			ci, kx, ky := t%c.in, t/c.in%c.k, t/c.in/c.k
			yy, xx := k*stride-top+ky, j*stride-left+kx
			if yy >= 0 && yy < x.h && xx >= 0 && xx < x.w {
				sum += float64(x.data[(yy*x.w+xx)*x.c+ci]) * float64(c.weights[t*c.out+o])
			}
		}
		y.data[i] = float32(sum)
	}
	return y
}

func randomConv(k, in, out int) conv {
	return conv{k: k, in: in, out: out, weights: noise(2, k, k, in*out).data, bias: noise(3, 1, 1, out).data}
}

func sameVolume(t *testing.T, got, want volume) {
	t.Helper()
	if got.h != want.h || got.w != want.w || got.c != want.c {
		t.Fatalf("%dx%dx%d, want %dx%dx%d", got.h, got.w, got.c, want.h, want.w, want.c)
	}
	for i := range want.data {
		if math.Abs(float64(got.data[i]-want.data[i])) > 1e-4 {
			t.Fatalf("value %d is %g, want %g", i, got.data[i], want.data[i])
		}
	}
}

func TestConvolutionIsWhatItsDefinitionSays(t *testing.T) {
	for _, c := range []struct {
		name         string
		h, w, k, str int
		pad          padding
	}{
		{"inside", 9, 7, 3, 1, valid},
		{"inside, stepping", 9, 8, 3, 2, valid},
		{"padded", 6, 5, 3, 1, same},
		{"padded, stepping, even side", 8, 6, 3, 2, same},
		{"padded, stepping, odd side", 7, 9, 3, 2, same},
		{"wide filter", 12, 11, 7, 2, valid},
		{"single pixel", 5, 5, 1, 1, valid},
		{"single pixel, stepping", 5, 5, 1, 2, valid},
		{"smaller than the filter", 2, 2, 3, 1, same},
		{"in several blocks", 300, 40, 3, 1, same},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := noise(1, c.h, c.w, 5)
			layer := randomConv(c.k, 5, 4)
			sameVolume(t, layer.run(new(arena), x, c.str, c.pad), slowConv(layer, x, c.str, c.pad))
		})
	}
}

func TestSeparableConvolutionIsAnOrdinaryOneInTwoSteps(t *testing.T) {
	for _, stride := range []int{1, 2} {
		x := noise(1, 9, 8, 3)
		s := separable{depthwise: noise(4, 3, 3, 3).data, pointwise: randomConv(1, 3, 6)}
		full := conv{k: 3, in: 3, out: 6, weights: make([]float32, 9*3*6), bias: s.pointwise.bias}
		for i := range full.weights {
			o, in, tap := i%6, i/6%3, i/18
			full.weights[i] = s.depthwise[tap*3+in] * s.pointwise.weights[in*6+o]
		}
		sameVolume(t, s.run(new(arena), x, stride), slowConv(full, x, stride, same))
	}
}

func TestStemIsAConvolutionAndAPooling(t *testing.T) {
	x := noise(1, 12, 12, 3)
	layer := randomConv(3, 3, 4)
	want := maxPool(new(arena), slowConv(layer, x, 1, valid), 2, 2, same)
	sameVolume(t, stem{layer}.run(new(arena), x), want)
}

func TestPoolingIgnoresWhatLiesOutside(t *testing.T) {
	x := volume{3, 3, 1, []float32{-9, -8, -7, -6, -5, -4, -3, -2, -1}}
	sameVolume(t, maxPool(new(arena), x, 2, 2, same), volume{2, 2, 1, []float32{-5, -4, -2, -1}})
	sameVolume(t, maxPool(new(arena), x, 2, 1, same), volume{3, 3, 1, []float32{-5, -4, -4, -2, -1, -1, -2, -1, -1}})
}

func TestArenaClearsEverythingItGave(t *testing.T) {
	var a arena
	x := a.volume(2, 2, 3)
	for i := range x.data {
		x.data[i] = 1
	}
	a.wipe()
	for _, v := range x.data {
		if v != 0 {
			t.Fatal("something was left")
		}
	}
}
