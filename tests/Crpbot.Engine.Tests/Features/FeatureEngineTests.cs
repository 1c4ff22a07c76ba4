using Crpbot.Features;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

public class FeatureEngineTests
{
    private static readonly FeatureOptions Heartbeats = new() { QuietLimitNanos = FeatureOptions.QuietLimitWithHeartbeats };

    [Fact]
    public void GoldenMicrostructureVectorHolds()
    {
        EventScript script = GoldenScript();
        FeatureRow row = EventScript.Run(new FeatureEngine(script.Instrument, Heartbeats with { LargeNotional = 60 }), script.WithTimers(1))[0]!;
        void Check(int feature, double expected)
        {
            Assert.Equal(MissingReason.Present, row.Reasons[feature]);
            Assert.Equal(expected, row.Values[feature], 1e-9);
        }

        Check(FeatureIndex.ObiL1, -0.0844877345);
        Check(FeatureIndex.ObiL5, -0.0453246753);
        Check(FeatureIndex.MicropriceDevBps, -0.5998800240);
        Check(FeatureIndex.OfiL1, 1.1428571429);
        Check(FeatureIndex.OfiL10, 1.8320610687);
        Check(FeatureIndex.TakerImb, 0.3333333333);
        Check(FeatureIndex.VwapDev1mBps, -0.6665777899);
        Check(FeatureIndex.QspreadBps, 2.3329833892);
        Check(FeatureIndex.QspreadStdBps, 0.4713338254);
        Check(FeatureIndex.EffSpreadBps, 1.9997333778);
        Check(FeatureIndex.Impact5sBps, 0.6666222230);
        Check(FeatureIndex.Rv1mBps, 0.7070007319);
        Check(FeatureIndex.LargeTakerImb, 0.6666888852);
        Assert.Equal(MissingReason.Truncated, row.Reasons[FeatureIndex.Obi10Bps]);
        Assert.Equal(MissingReason.Truncated, row.Reasons[FeatureIndex.BookSlopeRel]);
        Assert.True(double.IsNaN(row.Values[FeatureIndex.Obi10Bps]));
        Assert.Equal((10001, 10003), (row.Bar.EndBid.Ticks, row.Bar.EndAsk.Ticks));
        Assert.Equal((1000, 500, 1500), (row.Bar.BuyVolume.Lots, row.Bar.SellVolume.Lots, row.Bar.Volume.Lots));
    }

    [Fact]
    public void GoldenSumsBehindTheVectorHold()
    {
        EventScript script = GoldenScript();
        var sampler = new BookSampler(FeatureOptions.QuietLimitWithHeartbeats, 64);
        foreach (MarketEvent e in script.Events.OrderBy(e => e.ReceiveTime.Value))
        {
            if (e.Kind == MarketEventKind.Heartbeat)
                sampler.ApplyHeartbeat(e);
            else if (e.Kind != MarketEventKind.Trade)
                sampler.ApplyLevel(e);
        }

        BookMinute minute = sampler.Close(EventScript.At(60).Value);
        Assert.Equal(60e9, minute.Coverage);
        Assert.Equal(3000, minute.FlowTouch);
        Assert.Equal(10000, minute.FlowDepth);
        Assert.Equal(-0.0455041405, minute.ImbalanceBand / minute.GridInBand, 1e-9);
        Assert.Equal(60, minute.GridTruncated);
    }

    private static EventScript GoldenScript() => new EventScript()
        .Snapshot(-1, [(100.00, 2), (99.99, 3)], [(100.02, 1), (100.03, 4)])
        .Heartbeats(0, 60)
        .Book(10, (Side.Buy, 100.00, 3))
        .Trade(20, Side.Buy, 100.02, 1)
        .Book(20, (Side.Sell, 100.02, 0), (Side.Sell, 100.05, 2))
        .Book(40, (Side.Buy, 100.01, 1.5), (Side.Buy, 99.99, 0))
        .Trade(50, Side.Sell, 100.01, 0.5)
        .Book(50, (Side.Buy, 100.01, 1.0));
}
