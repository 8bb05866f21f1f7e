package engine

import "math"

// Descriptor is a face as 128 numbers; its length is about 1.4 and carries no meaning.
// A descriptor identifies a person as an image does: whoever holds one guards it alike.
type Descriptor [128]float32

// Distance is the Euclidean distance of two descriptors: 0 for the same picture, up to
// about .4 for one person under ordinary changes, from about .55 for two people.
func Distance(a, b *Descriptor) float64 {
	var sum float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// describer is a residual network: blocks of two convolutions whose result is added to
// their input.
type describer struct {
	first  conv
	blocks []residual
	weight []float32 // [256][128]
}

// residual is one block; down halves the picture and may widen the channels.
type residual struct {
	down          bool
	first, second conv
}

// describerBlocks are the blocks in order, by the names they have in the weights.
var describerBlocks = []struct {
	name string
	down bool
}{
	{"conv32_1", false}, {"conv32_2", false}, {"conv32_3", false},
	{"conv64_down", true}, {"conv64_1", false}, {"conv64_2", false}, {"conv64_3", false},
	{"conv128_down", true}, {"conv128_1", false}, {"conv128_2", false},
	{"conv256_down", true}, {"conv256_1", false}, {"conv256_2", false},
	{"conv256_down_out", true},
}

func loadDescriber() (*describer, error) {
	m, err := loadModel(descriptorModel)
	if err != nil {
		return nil, err
	}
	d := new(describer)
	if d.first, err = m.scaledConv("conv32_down", 7, 3); err != nil {
		return nil, err
	}
	in := d.first.out
	for _, b := range describerBlocks {
		r := residual{down: b.down}
		if r.first, err = m.scaledConv(b.name+"/conv1", 3, in); err != nil {
			return nil, err
		}
		if r.second, err = m.scaledConv(b.name+"/conv2", 3, r.first.out); err != nil {
			return nil, err
		}
		in = r.second.out
		d.blocks = append(d.blocks, r)
	}
	fc, err := m.take("fc", in, len(Descriptor{}))
	d.weight = fc.data
	return d, err
}

// describe turns an aligned crop into numbers.
func (d *describer) describe(a *arena, x volume) *Descriptor {
	x = maxPool(a, d.first.run(a, x, 2, valid), 3, 2, valid)
	x.relu()
	for _, b := range d.blocks {
		x = b.run(a, x)
	}
	out := new(Descriptor)
	multiply(x.means(a), d.weight, out[:], 1, x.c, len(out))
	return out
}

func (r residual) run(a *arena, x volume) volume {
	stride, pad := 1, same
	if r.down {
		stride, pad = 2, valid
	}
	y := r.first.run(a, x, stride, pad)
	y.relu()
	y = r.second.run(a, y, 1, same)
	if r.down {
		y = overlay(a, halve(a, x), y)
	} else {
		y.add(x)
	}
	y.relu()
	return y
}

// overlay adds two volumes of different size at their top left and first channels;
// what one of them lacks counts as zero.
func overlay(a *arena, x, y volume) volume {
	z := a.volume(max(x.h, y.h), max(x.w, y.w), max(x.c, y.c))
	for _, v := range []volume{x, y} {
		for i := range v.h {
			for j := range v.w {
				to := z.data[(i*z.w+j)*z.c:][:v.c]
				for c, f := range v.data[(i*v.w+j)*v.c:][:v.c] {
					to[c] += f
				}
			}
		}
	}
	return z
}
