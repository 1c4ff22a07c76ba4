using Crpbot.Codecs.Captures;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Captures;

public sealed class CaptureReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SeekingContinuesAtTheFirstEventNotBefore(bool withIndex)
    {
        MarketEvent[] events = EventMaker.Market(41, 5000);
        string path = _folder.File("seek.crp");
        CaptureFiles.Write(path, events, 300);
        if (!withIndex)
        {
            byte[] bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, bytes[..^9]);
        }

        using CaptureReader reader = CaptureReader.Open(path, EventMaker.Table());
        Assert.Equal(withIndex, reader.IsComplete);
        foreach (int at in (int[])[4999, 0, 1, 299, 300, 301, 2500, 4700])
        {
            foreach (long shift in (long[])[-1, 0, 1])
            {
                UnixNanos time = events[at].ReceiveTime + shift;
                reader.SeekTo(time);
                CaptureFiles.AssertSame([.. events.Where(e => e.ReceiveTime >= time)], CaptureFiles.ReadAll(reader));
            }
        }

        reader.SeekTo(events[^1].ReceiveTime + 1);
        Assert.False(reader.ReadBlock(out _));
        reader.SeekTo(new UnixNanos(long.MinValue));
        CaptureFiles.AssertSame(events, CaptureFiles.ReadAll(reader));
    }

    [Fact]
    public void TheSummaryCountsKindsAndInstruments()
    {
        MarketEvent[] events = EventMaker.Market(40, 3000);
        string path = _folder.File("summary.crp");
        CaptureFiles.Write(path, events, 1000);
        CaptureSummary summary = CaptureSummary.Read(path);
        Assert.Equal((3000, 3, true), (summary.Events, summary.Blocks, summary.IsComplete));
        Assert.Equal((events[0].ReceiveTime, events[^1].ReceiveTime), (summary.FirstReceiveTime, summary.LastReceiveTime));
        Assert.Equal(events.GroupBy(e => e.Kind).OrderBy(g => g.Key).Select(g => KeyValuePair.Create(g.Key, (long)g.Count())), summary.EventsByKind);
        Assert.Equal(events.Count(e => e.Instrument.Value == 1), summary.EventsByInstrument.Single(i => i.Key == "binance:BTCUSDT").Value);
        Assert.Equal(events.Count(e => e.Instrument.Value == 2), summary.EventsByInstrument.Single(i => i.Key == "coinbase:ETH-USD").Value);
        Assert.Empty(summary.Damage);
        Assert.InRange(summary.CompressionRatio, 5, 64);
    }

    [Fact]
    public void ARecordingInProgressCanBeReadUpToItsLastFlush()
    {
        MarketEvent[] events = EventMaker.Market(42, 1000);
        string path = _folder.File("live.crp");
        using var writer = new CaptureWriter(path, EventMaker.Table(), CaptureFiles.Header);
        writer.Write(events.AsSpan(0, 600));
        writer.Flush();
        writer.Write(events.AsSpan(600));
        Assert.False(File.Exists(path));
        CaptureFiles.AssertSame(events.AsSpan(0, 600), CaptureFiles.Read(writer.PartialPath, out List<CaptureDamage> damage));
        Assert.Equal(CaptureDamageKind.NoFooter, Assert.Single(damage).Kind);
        Assert.Equal(1000, writer.EventCount);
    }

    [Fact]
    public void AWriterThatIsNotCompletedLeavesAReadablePartialFile()
    {
        MarketEvent[] events = EventMaker.Market(43, 1000);
        string path = _folder.File("broken.crp");
        using (var writer = new CaptureWriter(path, EventMaker.Table(), CaptureFiles.Header))
            writer.Write(events);
        Assert.False(File.Exists(path));
        CaptureFiles.AssertSame(events, CaptureFiles.Read(path + ".partial", out _));
    }

    [Fact]
    public void ALeftoverPartialFileIsNeverOverwritten()
    {
        string path = _folder.File("twice.crp");
        using (var first = new CaptureWriter(path, EventMaker.Table(), CaptureFiles.Header))
            first.Write(EventMaker.Market(44, 10));
        CaptureFiles.Write(path, EventMaker.Market(45, 20));
        Assert.Equal(10, CaptureFiles.Read(path + ".partial", out _).Count);
        Assert.Equal(20, CaptureFiles.Read(path, out _).Count);
        Assert.False(File.Exists(path + ".partial2"));
    }

    [Fact]
    public void CompletingReplacesAnExistingFile()
    {
        string path = _folder.File("again.crp");
        CaptureFiles.Write(path, EventMaker.Market(46, 10));
        CaptureFiles.Write(path, EventMaker.Market(47, 30));
        Assert.Equal(30, CaptureFiles.Read(path, out _).Count);
    }

    [Fact]
    public void WritingAllocatesNothingOnceItHasGrown()
    {
        MarketEvent[] events = EventMaker.Market(48, 40_000);
        using var writer = new CaptureWriter(_folder.File("alloc.crp"), EventMaker.Table(), CaptureFiles.Header, new CaptureOptions { BlockEvents = 8192 });
        for (int i = 0; i < 3; i++)
            writer.Write(events);
        long before = GC.GetAllocatedBytesForCurrentThread();
        writer.Write(events);
        // The index keeps 32 bytes a block and doubles now and then; events leave nothing.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2048);
    }

    [Fact]
    public void RepeatsAllocateNothing()
    {
        string path = _folder.File("repeat.crp");
        CaptureFiles.Write(path, [.. EventMaker.Market(49, 50_000), .. EventMaker.Hostile(49, 5_000)], 8192);
        using CaptureReader reader = CaptureReader.Open(path, EventMaker.Table());
        Pass();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++)
            Pass();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Pass()
        {
            reader.Reset();
            while (reader.ReadBlock(out _))
            {
            }
        }
    }
}
