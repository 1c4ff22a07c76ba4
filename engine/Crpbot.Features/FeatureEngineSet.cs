using System.Runtime.CompilerServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>One <see cref="FeatureEngine"/> for each Instrument of a stream, made at its first event.</summary>
/// <remarks>Live, replay and batch share it, so they agree on which engines see an event and in which order Bars of one Timer come: that
/// of the Instruments' names, whatever ids this process gave them. One owner.</remarks>
/// <param name="instruments">Knows every Instrument an event names.</param>
/// <param name="create">Makes an engine; its second argument is the engine it replaces after a reset, else null.</param>
public sealed class FeatureEngineSet(InstrumentTable instruments, Func<Instrument, FeatureEngine?, FeatureEngine> create)
{
    private FeatureEngine?[] _byId = new FeatureEngine?[16];
    private FeatureEngine[] _byName = [];

    /// <summary>In ordinal order of the Instruments' names.</summary>
    public ReadOnlySpan<FeatureEngine> ByName => _byName;

    /// <summary>Null before the Instrument's first event.</summary>
    public FeatureEngine? this[InstrumentId id] => id.Value < _byId.Length ? _byId[id.Value] : null;

    /// <summary>Gives an event to its Instrument's engine, or to all engines where it concerns all. Not for Timers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(in MarketEvent e)
    {
        int id = e.Instrument.Value;
        if (id == 0)
        {
            ApplyToAll(e);
            return;
        }

        FeatureEngine? engine = id < _byId.Length ? _byId[id] : null;
        (engine ?? Add(id)).Apply(e);
    }

    /// <summary>Every engine starts from nothing.</summary>
    public void Reset()
    {
        for (int i = 0; i < _byName.Length; i++)
        {
            FeatureEngine fresh = create(_byName[i].Instrument, _byName[i]);
            _byId[fresh.Instrument.Id.Value] = fresh;
            _byName[i] = fresh;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ApplyToAll(in MarketEvent e)
    {
        foreach (FeatureEngine engine in _byName)
            engine.Apply(e);
    }

    private FeatureEngine Add(int id)
    {
        if (id >= _byId.Length)
            Array.Resize(ref _byId, Math.Max(id + 1, _byId.Length * 2));
        FeatureEngine engine = create(instruments[new InstrumentId(id)], null);
        _byId[id] = engine;
        _byName = [.. _byName.Append(engine).OrderBy(known => known.Instrument.Name, StringComparer.Ordinal)];
        return engine;
    }
}
