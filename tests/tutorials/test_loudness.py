"""The films are as loud as what a telephone plays beside them: −16 LUFS, no peak above −1.5 dBTP (EBU R 128).

Measured on the files that are kept, as a browser plays them: its own decoder, the weighting and the gates of
ITU-R BS.1770-5 (48 kHz), and true peaks on four times as many samples.
"""

from __future__ import annotations

import base64

import pytest
from django.conf import settings

from parloir.content.tutorials import FILMS, read_tutorials

FOLDER = settings.ROOT / "parloir" / "public" / "static" / FILMS
MEASURED = """async (coded) => {
  const bytes = Uint8Array.from(atob(coded), letter => letter.charCodeAt(0));
  const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes.buffer);
  const play = async (rate, filters) => {
    const context = new OfflineAudioContext(1, Math.ceil(sound.duration * rate), rate);
    let node = context.createBufferSource();
    node.buffer = sound;
    node.start();
    for (const [forward, back] of filters) node = node.connect(context.createIIRFilter(forward, back));
    node.connect(context.destination);
    return (await context.startRendering()).getChannelData(0);
  };
  const weighted = await play(48000, [
    [[1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585]],
    [[1, -2, 1], [1, -1.99004745483398, 0.99007225036621]],
  ]);
  const powers = [];
  for (let at = 0; at + 19200 <= weighted.length; at += 4800) {
    let sum = 0;
    for (let index = at; index < at + 19200; index++) sum += weighted[index] ** 2;
    powers.push(sum / 19200);
  }
  const loudness = power => -0.691 + 10 * Math.log10(power);
  const mean = list => list.reduce((sum, power) => sum + power, 0) / list.length;
  const heard = powers.filter(power => loudness(power) > -70);
  const gate = loudness(mean(heard)) - 10;
  let peak = 0;
  for (const value of await play(192000, [])) peak = Math.max(peak, Math.abs(value));
  return [loudness(mean(heard.filter(power => loudness(power) > gate))), 20 * Math.log10(peak)];
}"""


@pytest.mark.parametrize("kind", ["mp4", "webm"])
@pytest.mark.parametrize("slug", [tutorial.slug for tutorial in read_tutorials()])
def test_a_film_is_as_loud_as_others_and_never_distorts(chromium, slug, kind):
    page = chromium.new_page()
    coded = base64.b64encode((FOLDER / f"{slug}.{kind}").read_bytes()).decode()

    loudness, peak = page.evaluate(MEASURED, coded)
    page.close()

    assert loudness == pytest.approx(-16, abs=1)
    assert peak <= -1.5
