using System.Diagnostics;
using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Engine.Stages;

/// <summary>Keeps book, bars and the 53 features of every Instrument; yields a row for each Bar that a Timer closes.</summary>
/// <remarks>Bars of one Timer come in the order of the Instruments' names.</remarks>
internal sealed class FeatureStage(InstrumentTable instruments, Func<Instrument, FeatureEngine?, FeatureEngine> create, Lane<FeatureRow> rows) : IStage, IBookSource
{
    private readonly FeatureEngineSet _engines = new(instruments, create);

    public string Name => "features";

    /// <summary>Bars closed in this pass, history included, by InstrumentId.</summary>
    public long[] Bars { get; private set; } = new long[16];

    public void OnEvent(ref TradingEvent e)
    {
        if (e.Market.Kind == MarketEventKind.Timer)
            CloseBars(ref e);
        else
            _engines.Apply(e.Market);
        if (e.IsSampled)
            e.FeaturesStamp = Stopwatch.GetTimestamp();
    }

    public L2Book? ReadableBookOf(InstrumentId id) => _engines[id] is { IsBookValid: true } engine ? engine.Book : null;

    public long LateEventsOf(InstrumentId id) => _engines[id]?.LateEvents ?? 0;

    public void Reset()
    {
        rows.Reset();
        Array.Clear(Bars);
        // New engines as large as the old ones had grown: the next pass starts from nothing and allocates nothing.
        _engines.Reset();
    }

    private void CloseBars(ref TradingEvent e)
    {
        foreach (FeatureEngine engine in _engines.ByName)
        {
            if (!engine.CloseBar(e.Market, rows.Claim()))
                continue;
            rows.Commit();
            e.Rows++;
            if (!e.IsHistory)
                Count(engine.Instrument.Id.Value);
        }
    }

    private void Count(int id)
    {
        if (id >= Bars.Length)
        {
            long[] bars = Bars;
            Array.Resize(ref bars, Math.Max(id + 1, bars.Length * 2));
            Bars = bars;
        }

        Bars[id]++;
    }
}
