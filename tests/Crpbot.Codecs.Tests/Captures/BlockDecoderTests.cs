using Crpbot.Codecs.Captures;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Captures;

public class BlockDecoderTests
{
    [Theory]
    [InlineData(51, 1)]
    [InlineData(52, 7)]
    [InlineData(53, 511)]
    [InlineData(54, 512)]
    [InlineData(55, 513)]
    [InlineData(56, 9_000)]
    public void AMarketDecodesAsThePlainDecoderReadsIt(int seed, int count) => AssertAgree(EventMaker.Market(seed, count));

    [Theory]
    [InlineData(57, 30)]
    [InlineData(58, 9_000)]
    public void RepeatedSnapshotsDecodeAsThePlainDecoderReadsThem(int seed, int count) => AssertAgree(EventMaker.Snapshots(seed, count));

    [Theory]
    [InlineData(65, 100)]
    [InlineData(66, 5_000)]
    public void SnapshotsThatMakeNoSenseDecodeAsThePlainDecoderReadsThem(int seed, int count)
    {
        MarketEvent[] events = EventMaker.Hostile(seed, count);
        foreach (ref MarketEvent e in events.AsSpan())
        {
            e.Kind = MarketEventKind.BookDelta;
            e.Flags |= MarketEventFlags.Snapshot;
            e.Quantity = new(e.Quantity.Lots & long.MaxValue);
            e.Detail = 0;
        }

        AssertAgree(events);
    }

    [Theory]
    [InlineData(61, 1)]
    [InlineData(62, 100)]
    [InlineData(63, 2_000)]
    [InlineData(64, 9_000)]
    public void AnyBitsDecodeAsThePlainDecoderReadsThem(int seed, int count) => AssertAgree(EventMaker.Hostile(seed, count));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void TheBatchLengthChangesNothing(int batch)
    {
        MarketEvent[] events = [.. EventMaker.Market(71, 3000), .. EventMaker.Snapshots(71, 2000)];
        (byte[] body, BlockHeader header) = Encode(events);
        var decoder = new BlockDecoder(EventMaker.Table());
        decoder.Open(body, header);
        List<MarketEvent> decoded = [];
        MarketEvent[] buffer = new MarketEvent[batch];
        while (decoder.EventsLeft > 0)
            decoded.AddRange(buffer.AsSpan(0, decoder.Decode(buffer)));
        CaptureFiles.AssertSame(events, decoded);
    }

    private static void AssertAgree(MarketEvent[] events)
    {
        (byte[] body, BlockHeader header) = Encode(events);
        CaptureFiles.AssertSame(events, PlainBlockDecoder.Decode(body.AsSpan(0, header.BodyLength), header, EventMaker.Table()));
        var decoder = new BlockDecoder(EventMaker.Table());
        decoder.Open(body, header);
        MarketEvent[] decoded = new MarketEvent[events.Length];
        Assert.Equal(events.Length, decoder.Decode(decoded));
        CaptureFiles.AssertSame(events, [.. decoded]);
    }

    private static (byte[] Body, BlockHeader Header) Encode(MarketEvent[] events)
    {
        var encoder = new BlockEncoder(EventMaker.Table(), events.Length);
        var body = new ByteSink();
        encoder.Encode(events, [], -1, body);
        var header = new BlockHeader(body.Count, body.Count, events.Length, encoder.InstrumentCount, events[0].ReceiveTime, events[^1].ReceiveTime, 0, 0);
        return ([.. body.Written, .. new byte[PackedColumnReader.Slack]], header);
    }
}
