using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Recordings;
using Crpbot.Codecs.Venues;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Engine.Tests.Features;

/// <summary>Five minutes of a real venue, from bytes to rows.</summary>
public class FeatureRecordingTests
{
    private const string Futures = "hftbacktest/usdm/btcusdt_20240808.gz";

    [MarketDataFact(Futures)]
    public void ARealRecordingGivesTheRowsOfThePlainVersion()
    {
        var instruments = new InstrumentTable();
        List<MarketEvent> events = Read(instruments);
        Instrument instrument = instruments.All[0];
        var engine = new FeatureEngine(instrument);
        var naive = new NaiveFeatures(instrument, engine.Options.QuietLimitNanos);
        var row = new FeatureRow();
        int rows = 0;
        foreach (MarketEvent e in events)
        {
            engine.Apply(e);
            if (rows < 2)
                naive.Apply(e);
            if (e.Kind != MarketEventKind.Timer || !engine.CloseBar(e, row))
                continue;
            FeatureChecks.IsSane(row, row.Bar.OpenTime.ToString());
            Assert.Equal(MissingReason.Present, row.Reasons[FeatureIndex.OfiL10]);
            if (rows++ >= 2)
                continue;
            (double[] values, _, MissingReason[] reasons, _) = naive.Close(e)!.Value;
            for (int i = 0; i < FeatureSchema.Count; i++)
            {
                Assert.Equal(reasons[i], row.Reasons[i]);
                CandleFeaturesTests.AssertSame(values[i], row.Values[i], 1e-9, $"{row.Bar.OpenTime} {FeatureSchema.Names[i]}");
            }
        }

        Assert.Equal(4, rows);
        Assert.Equal(0, engine.Refused);
        Assert.True(engine.IsBookValid);
    }

    private static List<MarketEvent> Read(InstrumentTable instruments)
    {
        using RawRecordingReader reader = RawRecordingReader.Open(Crpbot.Testing.MarketData.Path(Futures));
        var parser = new BinanceParser(instruments, "binance-futures");
        var clock = new BarClock();
        var message = new MarketEventBuffer();
        List<MarketEvent> events = [];
        while (reader.Read(out RawFrame frame))
        {
            message.Clear();
            Assert.Equal(ParseStatus.Done, parser.Parse(frame.Payload, frame.ReceiveTime, message).Status);
            while (message.Count > 0 && clock.TryTakeTimer(frame.ReceiveTime, out MarketEvent timer))
                events.Add(timer);
            foreach (ref readonly MarketEvent e in message.Events)
            {
                events.Add(e);
                clock.Observe(e);
            }
        }

        return events;
    }
}
