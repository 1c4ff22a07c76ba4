using System.Diagnostics;
using Crpbot.Codecs.Instruments;
using Crpbot.Features;
using Crpbot.MarketData;
using Crpbot.Messages;

namespace Crpbot.Engine.Stages;

/// <summary>Keeps book, bars and the 53 features of every Instrument; yields a row for each Bar that a Timer closes.</summary>
/// <remarks>Bars of one Timer come in the order of the Instruments' names, whatever ids this process gave them.</remarks>
internal sealed class FeatureStage(InstrumentTable instruments, Func<Instrument, FeatureEngine?, FeatureEngine> create, Lane<FeatureRow> rows) : IStage, IBookSource
{
    private FeatureEngine?[] _byId = new FeatureEngine?[16];
    private (Instrument Instrument, FeatureEngine Engine)[] _byName = [];

    public string Name => "features";

    /// <summary>Bars closed in this pass, history included, by InstrumentId.</summary>
    public long[] Bars { get; private set; } = new long[16];

    public IEnumerable<(Instrument Instrument, FeatureEngine Engine)> Engines => _byName;

    public void OnEvent(ref TradingEvent e)
    {
        ref readonly MarketEvent market = ref e.Market;
        int id = market.Instrument.Value;
        if (id != 0)
        {
            FeatureEngine? engine = id < _byId.Length ? _byId[id] : null;
            (engine ?? Add(id)).Apply(market);
        }
        else if (market.Kind == MarketEventKind.Timer)
        {
            CloseBars(ref e);
        }
        else
        {
            foreach ((_, FeatureEngine engine) in _byName)
                engine.Apply(market);
        }

        if (e.IsSampled)
            e.FeaturesStamp = Stopwatch.GetTimestamp();
    }

    public L2Book? ReadableBookOf(InstrumentId id) => id.Value < _byId.Length && _byId[id.Value] is { IsBookValid: true } engine ? engine.Book : null;

    public long LateEventsOf(InstrumentId id) => id.Value < _byId.Length ? _byId[id.Value]?.LateEvents ?? 0 : 0;

    public void Reset()
    {
        rows.Reset();
        Array.Clear(Bars);
        // A new engine as large as the old one had grown: the next pass starts from nothing and allocates nothing.
        for (int i = 0; i < _byName.Length; i++)
        {
            (Instrument instrument, FeatureEngine grown) = _byName[i];
            FeatureEngine fresh = create(instrument, grown);
            _byId[instrument.Id.Value] = fresh;
            _byName[i] = (instrument, fresh);
        }
    }

    private void CloseBars(ref TradingEvent e)
    {
        foreach ((Instrument instrument, FeatureEngine engine) in _byName)
        {
            if (!engine.CloseBar(e.Market, rows.Claim()))
                continue;
            rows.Commit();
            e.Rows++;
            if (!e.IsHistory)
                Bars[instrument.Id.Value]++;
        }
    }

    private FeatureEngine Add(int id)
    {
        if (id >= _byId.Length)
        {
            Array.Resize(ref _byId, Math.Max(id + 1, _byId.Length * 2));
            long[] bars = Bars;
            Array.Resize(ref bars, _byId.Length);
            Bars = bars;
        }

        Instrument instrument = instruments[new InstrumentId(id)];
        FeatureEngine engine = create(instrument, null);
        _byId[id] = engine;
        _byName = [.. _byName.Append((instrument, engine)).OrderBy(known => known.Item1.Name, StringComparer.Ordinal)];
        return engine;
    }
}
