using System.Text;
using Crpbot.Codecs.Recordings;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Recordings;

public class RawRecordingReaderTests
{
    private const string Book = "{\"lastUpdateId\":7,\"bids\":[[\"1\",\"2\"]],\"asks\":[]}";

    [Fact]
    public void TardisLinesKeepTheirHundredNanoseconds()
    {
        RecordedFrame frame = Assert.Single(RecordedFrame.ReadAll("2019-06-01T00:00:03.1238784Z {\"type\":\"match\", \"a\":\"b c\"}\n"));
        Assert.Equal(RawFrameKind.Message, frame.Kind);
        Assert.Equal("{\"type\":\"match\", \"a\":\"b c\"}", frame.Payload);
        Assert.Equal(1_559_347_203_123_878_400, frame.Time.Value);
        Assert.Equal((1, 0), (frame.Line, frame.Offset));
    }

    [Fact]
    public void EmptyTardisLinesInARowAreOneDisconnect()
    {
        List<RecordedFrame> frames = RecordedFrame.ReadAll("2019-06-01T00:00:03.1238784Z {\"a\":1}\n\n\n2019-06-01T00:00:04.0000000Z {\"a\":2}\n\n");
        Assert.Equal([RawFrameKind.Message, RawFrameKind.Disconnected, RawFrameKind.Message, RawFrameKind.Disconnected], frames.Select(f => f.Kind));
    }

    [Theory]
    [InlineData("1723161253", 1723161253_000_000_000)]
    [InlineData("1723161253937", 1723161253_937_000_000)]
    [InlineData("1723161253937085", 1723161253_937_085_000)]
    [InlineData("1723161253937085768", 1723161253_937_085_768)]
    [InlineData("1617647603.4249449:", 1617647603_424_944_900)]
    [InlineData("1617647603:", 1617647603_000_000_000)]
    [InlineData("1617647603.1234567891:", 1617647603_123_456_789)]
    public void TheNumberOfDigitsTellsTheUnit(string time, long nanos)
    {
        RecordedFrame frame = Assert.Single(RecordedFrame.ReadAll($"{time} {{\"stream\":\"x\"}}\n"));
        Assert.Equal(nanos, frame.Time.Value);
        Assert.Equal("{\"stream\":\"x\"}", frame.Payload);
    }

    [Fact]
    public void ADepthAnswerBetweenFramesIsASnapshotWithoutSymbol()
    {
        RecordedFrame frame = Assert.Single(RecordedFrame.ReadAll($"1723161253937085768 {Book}\n"));
        Assert.Equal((RawFrameKind.RestSnapshot, Book, ""), (frame.Kind, frame.Payload, frame.Symbol));
    }

    [Fact]
    public void CryptofeedLinesAreUnescapedAndTheirKindsTold()
    {
        string escaped = Book.Replace("\"", "\\\"", StringComparison.Ordinal);
        List<RecordedFrame> frames = RecordedFrame.ReadAll($$"""
            {"t":"header","format":2,"exchange":"BINANCE"}
            {"t":"http","conn":"c","ts":1633998512.320639,"url":"https://x/depth?symbol=NKNUSDT&limit=1000","data":"{{escaped}}"}
            {"t":"http","conn":"c","ts":1633998512.320639,"url":"https://x/info","data":"{\"a\":\"\\u00e9\\n\"}"}
            {"t":"connect","conn":"c","ts":1633998512.5,"addr":"wss://x"}
            {"t":"send","conn":"c","ts":1633998513,"addr":"wss://x","data":"{}"}
            {"t":"recv","conn":"c","ts":1633998512.0633569,"data":"{\"u\":\"\u20ac\\/\"}"}
            {"t":"close","conn":"c","ts":1633998514}

            """);
        Assert.Equal(
            [RawFrameKind.Header, RawFrameKind.RestSnapshot, RawFrameKind.RestAnswer, RawFrameKind.Connected, RawFrameKind.Sent, RawFrameKind.Message,
                RawFrameKind.Disconnected],
            frames.Select(f => f.Kind));
        Assert.Equal((Book, "NKNUSDT"), (frames[1].Payload, frames[1].Symbol));
        Assert.Equal("{\"a\":\"\\u00e9\\n\"}", frames[2].Payload);
        Assert.Equal("{\"u\":\"€\\/\"}", frames[5].Payload);
        Assert.Equal(1633998512_063_356_900, frames[5].Time.Value);
    }

    [Fact]
    public void OldCryptofeedTextIsReadToo()
    {
        List<RecordedFrame> frames = RecordedFrame.ReadAll($$"""
            configuration: {"l2_book":["BTC-AUD"]}
            wss://feed <-> 1618677816.8434298
            wss://feed <- 1618677817.020616: {"type":"subscribe"}
            https://x/depth?symbol=ZILUSDT -> 1617647603.8164911: {{Book}}
            https://x/products -> 1617647603.8164911: [{"id":"A"}]
            1618677829.4469278: {"type":"l2update"}

            """);
        Assert.Equal(
            [RawFrameKind.Header, RawFrameKind.Connected, RawFrameKind.Sent, RawFrameKind.RestSnapshot, RawFrameKind.RestAnswer, RawFrameKind.Message],
            frames.Select(f => f.Kind));
        Assert.Equal(("ZILUSDT", Book), (frames[3].Symbol, frames[3].Payload));
        Assert.Equal(1618677829_446_927_800, frames[5].Time.Value);
    }

    [Theory]
    [InlineData("{\"type\":\"match\"}", "{\"type\":\"match\"}", false)]
    [InlineData("{\"type\":\"error\",\"message\":\"no\"}", "{\"type\":\"error\",\"message\":\"no\"}", false)]
    [InlineData("{\"localTimestamp\":\"2019-06-01T00:00:03.123Z\",\"message\":{\"a\":[1]}}", "{\"a\":[1]}", true)]
    [InlineData("{\"exchange\":\"x\",\"expected\":[{\"message\":3}], \"message\": {\"a\":1} ,\"localTimestamp\":\"2019-06-01T00:00:03.123Z\"}", "{\"a\":1}", true)]
    [InlineData("{\"localTimestamp\":1559347203123,\"message\":{}}", "{}", true)]
    [InlineData("{\"message\":{\"a\":1}}", "{\"a\":1}", false)]
    [InlineData("{\"type\":\"trade\",\"localTimestamp\": \"2019-06-01T00:00:03.123Z\"}", "{\"type\":\"trade\",\"localTimestamp\": \"2019-06-01T00:00:03.123Z\"}", true)]
    [InlineData("{\"localTimestamp\":null,\"message\":{\"a\":1}}", "{\"a\":1}", false)]
    public void NdjsonIsTheMessageItselfOrAnEnvelope(string line, string payload, bool hasTime)
    {
        RecordedFrame frame = Assert.Single(RecordedFrame.ReadAll(line + "\n"));
        Assert.Equal((RawFrameKind.Message, payload, hasTime), (frame.Kind, frame.Payload, frame.HasTime));
        if (hasTime)
            Assert.Equal(1_559_347_203_123_000_000, frame.Time.Value);
    }

    [Fact]
    public void ALastLineWithoutLineFeedCountsOnlyWhenItsJsonIsWhole()
    {
        Assert.Equal(RawFrameKind.Message, Assert.Single(RecordedFrame.ReadAll("1723161253937 {\"a\":1}")).Kind);
        foreach (string cut in new[] { "1723161253937 {\"a\":1", "1723161253937 {\"a\":", "17231612", "{\"t\":\"recv\",\"ts\":1.5,\"da", "1723161253937 {\"a\":{}" })
            Assert.Equal(RecordingDamage.UnterminatedLine, Assert.Single(RecordedFrame.ReadAll(cut)).Damage);
    }

    [Fact]
    public void ADamagedLineIsNamedAndReadingGoesOn()
    {
        List<RecordedFrame> frames = RecordedFrame.ReadAll("1 {\"a\":1}\nnonsense\n2019-06-01T00:00:99.0Z {}\n{\"t\":\"recv\",oops}\n1 {\"a\":2}\r\n");
        Assert.Equal(
            [RecordingDamage.None, RecordingDamage.NoJson, RecordingDamage.BadTime, RecordingDamage.BadEnvelope, RecordingDamage.None],
            frames.Select(f => f.Damage));
        Assert.Equal([1, 2, 3, 4, 5], frames.Select(f => f.Line));
        Assert.Equal([0, 10, 19, 45, 63], frames.Select(f => f.Offset));
        Assert.Equal("{\"a\":2}", frames[4].Payload);
    }

    [Fact]
    public void AnOverlongLineIsSkippedWhole()
    {
        string text = "1 {\"a\":1}\n1 {\"b\":\"" + new string('x', 700_000) + "\"}\n1 {\"a\":2}\n";
        List<RecordedFrame> frames = RecordedFrame.ReadAll(Encoding.UTF8.GetBytes(text), maxLineLength: 100_000);
        Assert.Equal([RecordingDamage.None, RecordingDamage.LineTooLong, RecordingDamage.None], frames.Select(f => f.Damage));
        Assert.Equal(3, frames[2].Line);
        Assert.Equal(text.Length - 10, frames[2].Offset);
    }

    [Fact]
    public void ACutGzipDeliversEveryCompleteLineAndThenSaysWhereItEnded()
    {
        string[] lines = [.. Enumerable.Range(0, 60).Select(i => $"17231612539370857{i % 100:D2} {{\"i\":{i * 7919 % 1000},\"text\":\"{(char)('a' + i % 26)}\"}}")];
        byte[] whole = [.. RecordedFrame.Gzip(string.Join('\n', lines[..40]) + "\n"), .. RecordedFrame.Gzip(string.Join('\n', lines[40..]) + "\n")];
        Assert.Equal(lines.Length, RecordedFrame.ReadAll(whole).Count);
        int seams = 0;
        for (int length = 2; length < whole.Length; length++)
        {
            List<RecordedFrame> frames = RecordedFrame.ReadAll(whole[..length]);
            for (int i = 0; i < frames.Count - 1; i++)
                Assert.Equal((RawFrameKind.Message, lines[i]), (frames[i].Kind, lines[i][..20] + frames[i].Payload));
            if (frames.Count == 40 && frames[^1].Kind == RawFrameKind.Message)
            {
                // Cut exactly between the members: a whole gzip file.
                seams++;
                continue;
            }

            Assert.Equal((RawFrameKind.Damage, RecordingDamage.TruncatedGzip), (frames[^1].Kind, frames[^1].Damage));
            Assert.Equal(frames.Count, frames[^1].Line);
        }

        Assert.Equal(1, seams);
    }

    [MarketDataTheory("cryptofeed/COINBASE.jsonl.gz", "hftbacktest/usdm/btcusdt_20240808.gz")]
    [InlineData("cryptofeed/COINBASE.jsonl.gz", 1030, 0)]
    [InlineData("cryptofeed/BINANCE.jsonl.gz", 265, 4)]
    [InlineData("cryptofeed/KRAKEN.jsonl.gz", 4430, 0)]
    [InlineData("cryptofeed/BYBIT.jsonl.gz", 3227, 0)]
    [InlineData("cryptofeed/COINBASE.ws.28.0.part1.gz", 3996, 0)]
    [InlineData("cryptofeed/BINANCE-b38f7c.0.gz", 11357, 10)]
    [InlineData("hftbacktest/spot/btcusdt_20240808.gz", 41248, 1)]
    [InlineData("hftbacktest/usdm/btcusdt_20240808.gz", 93953, 1)]
    [InlineData("hftbacktest/cm/ethusd_perp_20240809.gz", 37860, 0)]
    [InlineData("hftbacktest/usdm/btcusdt_20230404.dat.gz", 13383, 1)]
    [InlineData("collect-binancefutures/btcusdt_20220811.dat.gz", 1532, 1)]
    [InlineData("tardis-mapped-captures/coinbase.part1.jsonl.gz", 3996, 0)]
    public void RealRecordingsHoldWhatTheirDescriptionSays(string file, int messages, int snapshots)
    {
        var counts = new Dictionary<RawFrameKind, int>();
        using RawRecordingReader reader = RawRecordingReader.Open(MarketData.Path(file));
        while (reader.Read(out RawFrame frame))
        {
            counts[frame.Kind] = counts.GetValueOrDefault(frame.Kind) + 1;
            if (frame.Kind is RawFrameKind.Message or RawFrameKind.RestSnapshot)
                Assert.True(frame.HasReceiveTime && frame.Payload[0] is (byte)'{' or (byte)'[');
        }

        Assert.Equal((messages, snapshots, 0),
            (counts.GetValueOrDefault(RawFrameKind.Message), counts.GetValueOrDefault(RawFrameKind.RestSnapshot), counts.GetValueOrDefault(RawFrameKind.Damage)));
    }

    [Fact]
    public void ConnectionsListedOneAfterTheOtherAreMergedByTime()
    {
        const string Text = """
            {"t":"header","format":2,"converted_from":1}
            {"t":"http","conn":"h","ts":5.5,"url":"u","data":"{\"lastUpdateId\":1}"}
            {"t":"http","conn":"h","ts":8,"url":"u","data":"{\"lastUpdateId\":2}"}
            {"t":"connect","conn":"a","ts":1,"addr":"x"}
            {"t":"recv","conn":"a","ts":5.5,"data":"{\"a\":1}"}
            {"t":"recv","conn":"a","ts":9,"data":"{\"a\":2}"}
            {"t":"recv","conn":"b","ts":0.5,"data":"{\"b\":1}"}
            {"t":"recv","conn":"b","ts":10,"data":"{\"b\":2}"}
            """;
        string path = Path.Combine(Path.GetTempPath(), $"crpbot-{Guid.NewGuid():N}.jsonl");
        try
        {
            File.WriteAllText(path, Text);
            using RawRecordingReader reader = RawRecordingReader.Open(path);
            var lines = new List<long>();
            while (reader.Read(out RawFrame frame))
                lines.Add(frame.LineNumber);
            Assert.Equal([1, 7, 4, 2, 5, 3, 6, 8], lines);
            Assert.Equal((8, Text.Length), (reader.Lines, reader.BytesRead));
            File.WriteAllText(path, Text.Replace("converted_from", "recorded", StringComparison.Ordinal));
            using RawRecordingReader inFileOrder = RawRecordingReader.Open(path);
            for (int line = 1; line <= 8; line++)
                Assert.True(inFileOrder.Read(out RawFrame frame) && frame.LineNumber == line);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [MarketDataTheory("cryptofeed/BINANCE.jsonl.gz")]
    [InlineData("BINANCE.jsonl.gz")]
    [InlineData("COINBASE.jsonl.gz")]
    [InlineData("KRAKEN.jsonl.gz")]
    [InlineData("BYBIT.jsonl.gz")]
    public void ConvertedRecordingsComeInOrderOfTime(string file)
    {
        using RawRecordingReader reader = RawRecordingReader.Open(MarketData.Path("cryptofeed/" + file));
        UnixNanos last = UnixNanos.None;
        while (reader.Read(out RawFrame frame))
        {
            Assert.True(!frame.HasReceiveTime || frame.ReceiveTime >= last);
            last = frame.HasReceiveTime ? frame.ReceiveTime : last;
        }
    }

    [Fact]
    public void ReadingAllocatesNothingAfterTheFirstFrames()
    {
        string recv = "{\"t\":\"recv\",\"conn\":\"c\",\"ts\":1633998512.0633569,\"data\":\"{\\\"u\\\":1}\"}\n";
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(
            "1723161253937085768 {\"stream\":\"x\"}\n2019-06-01T00:00:03.1238784Z {\"a\":1}\n" + recv + "{\"localTimestamp\":\"2019-06-01T00:00:03.123Z\",\"message\":{}}\n", 2000)));
        using var reader = new RawRecordingReader(new MemoryStream(text));
        for (int i = 0; i < 100; i++)
            Assert.True(reader.Read(out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int frames = 100;
        while (reader.Read(out RawFrame frame) && frame.Kind == RawFrameKind.Message)
            frames++;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(8000, frames);
    }
}
