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
        var sampler = new BookSampler(FeatureOptions.QuietLimitWithHeartbeats, 64, 64);
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

    [Fact]
    public void AnEmptyMinuteOfAHealthyFeedRepeatsTheClose()
    {
        EventScript script = TwoSided().Trade(5, Side.Buy, 100.02, 1).Heartbeats(0, 180);
        List<FeatureRow?> rows = Run(script, 3);
        Assert.Equal(10002, rows[0]!.Bar.Close.Ticks);
        Bar empty = rows[1]!.Bar;
        Assert.Equal((10002, 10002, 10002, 10002, 0), (empty.Open.Ticks, empty.High.Ticks, empty.Low.Ticks, empty.Close.Ticks, empty.Volume.Lots));
        Assert.Equal(BarFlags.NoTrades, empty.Flags);
        Assert.True(rows[1]!.Flags.HasFlag(FeatureRowFlags.NoTrades));
        Assert.Equal(0, rows[1]!.Values[FeatureIndex.TakerImb]);
        Assert.Equal(0, rows[1]!.Values[FeatureIndex.OfiL1]);
    }

    [Fact]
    public void BeforeTheFirstTradeThereIsNoBar()
    {
        List<FeatureRow?> rows = Run(TwoSided().Heartbeats(0, 180).Trade(70, Side.Buy, 100.02, 1), 3);
        Assert.Null(rows[0]);
        Assert.NotNull(rows[1]);
    }

    [Fact]
    public void AGapOfTheTradesChannelLeavesNoBar()
    {
        EventScript script = TwoSided().Heartbeats(0, 180).Trade(5, Side.Buy, 100.02, 1).Trade(65, Side.Buy, 100.02, 1).Gap(70, Channel.Trades)
            .Trade(125, Side.Sell, 100.00, 1);
        List<FeatureRow?> rows = Run(script, 3);
        Assert.NotNull(rows[0]);
        Assert.Null(rows[1]);
        Assert.Equal(BarFlags.AfterGap, rows[2]!.Bar.Flags);
        Assert.Equal(10002, rows[0]!.Bar.Close.Ticks);
    }

    [Fact]
    public void AGapOfTheBookKeepsTheBarAndLowersItsCoverage()
    {
        EventScript script = TwoSided().Heartbeats(0, 120).Trade(1, Side.Buy, 100.02, 1).Trade(61, Side.Buy, 100.02, 1)
            .Gap(50, Channel.Book).Snapshot(80, [(100.00, 1)], [(100.02, 1)]);
        List<FeatureRow?> rows = Run(script, 2);
        Assert.Equal(MissingReason.Present, rows[0]!.Reasons[FeatureIndex.ObiL1]);
        Assert.Equal(MissingReason.FeedDown, rows[0]!.Reasons[FeatureIndex.OfiL1]);
        Assert.Equal(0, rows[0]!.Bar.EndBid.Ticks);
        Assert.Equal(MissingReason.Present, rows[1]!.Reasons[FeatureIndex.ObiL1]);
        Assert.Equal(MissingReason.FeedDown, rows[1]!.Reasons[FeatureIndex.TakerImb]);
    }

    [Fact]
    public void ABookWithoutAMessageForFiveSecondsIsNotValid()
    {
        EventScript script = TwoSided().Heartbeats(0, 20).Trade(1, Side.Buy, 100.02, 1).Trade(30, Side.Buy, 100.02, 1).Heartbeats(31, 60);
        var sampler = new BookSampler(FeatureOptions.QuietLimitWithHeartbeats, 64, 64);
        foreach (MarketEvent e in script.Events.OrderBy(e => e.ReceiveTime.Value))
        {
            if (e.Kind == MarketEventKind.Heartbeat)
                sampler.ApplyHeartbeat(e);
            else if (e.Kind != MarketEventKind.Trade)
                sampler.ApplyLevel(e);
        }

        Assert.Equal(54e9, sampler.Close(EventScript.At(60).Value).Coverage);
    }

    [Fact]
    public void WithoutHeartbeatsASilenceOfAMinuteIsHealthyAndWithThemFiveSeconds()
    {
        EventScript script = TwoSided().Trade(5, Side.Buy, 100.02, 1).Trade(62, Side.Buy, 100.02, 1).Book(62, (Side.Buy, 100.00, 2));
        FeatureOptions options = FeatureOptions.For(script.Instrument);
        Assert.Equal(5e9, options.QuietLimitNanos);
        List<FeatureRow?> rows = EventScript.Run(new FeatureEngine(script.Instrument, options), script.WithTimers(2));
        Assert.All(rows, Assert.NotNull);
        Assert.Equal(MissingReason.Present, rows[1]!.Reasons[FeatureIndex.OfiL1]);
        script.Heartbeats(0, 30);
        rows = EventScript.Run(new FeatureEngine(script.Instrument, options), script.WithTimers(2));
        Assert.All(rows, Assert.Null);
    }

    [Fact]
    public void MinutesOfALostConnectionHaveNoBar()
    {
        EventScript script = TwoSided().Heartbeats(0, 70).Trade(5, Side.Buy, 100.02, 1).Disconnect(70.5)
            .Snapshot(200, [(100.00, 1)], [(100.02, 1)]).Heartbeats(201, 300).Trade(250, Side.Sell, 100.00, 1);
        List<FeatureRow?> rows = Run(script, 5);
        Assert.Equal([false, true, true, true, false], rows.Select(r => r is null));
        Assert.Equal(BarFlags.AfterGap, rows[4]!.Bar.Flags);
    }

    [Fact]
    public void AfterSixMissingBarsEverythingStartsAfreshWithATrade()
    {
        EventScript script = TwoSided().Heartbeats(0, 70).Trade(5, Side.Buy, 100.02, 1).Disconnect(70.5)
            .Snapshot(470, [(100.00, 1)], [(100.02, 1)]).Heartbeats(471, 660).Trade(550, Side.Sell, 100.00, 1);
        List<FeatureRow?> rows = Run(script, 11);
        Assert.Equal([false, true, true, true, true, true, true, true, true, false, false], rows.Select(r => r is null));
        Assert.True(rows[9]!.Flags.HasFlag(FeatureRowFlags.Restarted));
        Assert.True(double.IsNaN(rows[9]!.Inputs[FeatureIndex.Close]));
    }

    [Fact]
    public void WhatComesAfterTheCloseIsCountedAndLeftOut()
    {
        EventScript script = TwoSided().Heartbeats(0, 120).Trade(5, Side.Buy, 100.02, 1).Trade(65, Side.Sell, 100.00, 1);
        script.Latency = 0.5;
        script.Trade(59.9, Side.Buy, 100.02, 7).Book(59.9, (Side.Buy, 100.01, 5));
        script.Latency = 0.02;
        script.Book(61, (Side.Buy, 100.01, 6));
        var engine = new FeatureEngine(script.Instrument, Heartbeats);
        List<FeatureRow?> rows = EventScript.Run(engine, script.WithTimers(2));
        Assert.Equal(1000, rows[0]!.Bar.Volume.Lots);
        Assert.Equal(1000, rows[1]!.Bar.Volume.Lots);
        Assert.Equal(2, engine.LateEvents);
        Assert.Equal(2, rows[1]!.Bar.LateEvents);
        // The late bid of 5 is there when the next message makes it 6: one unit of flow, not six.
        double best = rows[1]!.Values[FeatureIndex.OfiL1];
        double meanQueue = (1 * 5 + 59 * 6) / 60.0 + 1;
        Assert.Equal(2 * 1 / meanQueue, best, 1e-2);
    }

    [Fact]
    public void EventsOfOtherInstrumentsChangeNothing()
    {
        EventScript script = GoldenScript();
        List<MarketEvent> events = script.WithTimers(1);
        List<MarketEvent> mixed = [];
        foreach (MarketEvent e in events)
        {
            mixed.Add(e);
            if (e.Kind is MarketEventKind.Trade or MarketEventKind.BookDelta)
            {
                MarketEvent other = e;
                other.Instrument = new InstrumentId(2);
                other.Price = new(5);
                mixed.Add(other);
            }
        }

        Assert.True(Run(events, script)[0]!.BitsEqual(Run(mixed, script)[0]!));
    }

    [Fact]
    public void TheEngineSaysFromWhenItIsWarm()
    {
        EventScript script = TwoSided().Heartbeats(0, 660).Trade(5, Side.Buy, 100.02, 1);
        var engine = new FeatureEngine(script.Instrument, Heartbeats);
        Assert.Equal(UnixNanos.None, engine.WarmFrom(FeatureIndex.Open));
        EventScript.Run(engine, script.WithTimers(10));
        Assert.Equal(EventScript.At(60 * 359), engine.WarmFrom(FeatureIndex.Open));
        Assert.Equal(EventScript.At(60 * 360), engine.WarmFrom(FeatureIndex.LargeTakerImb));
        // The first midnight is 14 hours away, then two full days, then a day of buckets.
        Assert.Equal(EventScript.At(3600 * (14 + 72)), engine.WarmFrom(FeatureIndex.Vpin));
    }

    private static EventScript TwoSided() => new EventScript().Snapshot(-1, [(100.00, 1)], [(100.02, 1)]);

    private static List<FeatureRow?> Run(EventScript script, int minutes) => Run(script.WithTimers(minutes), script);

    private static List<FeatureRow?> Run(List<MarketEvent> events, EventScript script) =>
        EventScript.Run(new FeatureEngine(script.Instrument, Heartbeats), events);

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
