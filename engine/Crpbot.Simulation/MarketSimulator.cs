using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation.Numerics;

namespace Crpbot.Simulation;

/// <summary>A market without end: all Instruments' messages merged by time, one a call, with a known best possible prediction.</summary>
/// <remarks>
/// One thread. Allocates nothing per event (the truth takes one block a day and Instrument). Prices, quantities, times and probabilities are a
/// function of the options alone, on every machine. The construction is in engine/docs/simulated-market.md.
/// </remarks>
public sealed class MarketSimulator
{
    private const long LatencyNanosMin = 2 * UnixNanos.PerMillisecond;
    private const long LatencyMicrosSpread = 4_000;

    private readonly InstrumentSimulator[] _instruments;
    private Xoshiro256 _latency;
    private UnixNanos _received;

    /// <param name="options">The market.</param>
    /// <param name="table">Receives the Instruments, or gives their increments where it knows them.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the difficulty out of reach.</exception>
    public MarketSimulator(SimulationOptions options, InstrumentTable table)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(table);
        options.Validate();
        Options = options;
        Table = table;
        var model = new PressureModel(options.Difficulty, options.HorizonBars);
        Instrument[] instruments = [.. options.Instruments.Select(i => table.GetOrAdd(SimulationOptions.Venue, i.Symbol))];
        Instruments = instruments;
        Truth = new SimulatedTruth(model, options.Start, [.. instruments.Select(i => i.Id)]);
        _instruments = [.. instruments.Select((instrument, slot) => new InstrumentSimulator(options, model, Truth, slot, instrument))];
        _latency = new Xoshiro256(options.Seed, PressureProcess.StreamOf(SimulationOptions.Venue, "latency"));
    }

    public SimulationOptions Options { get; }

    public InstrumentTable Table { get; }

    /// <summary>The simulated Instruments, in the options' order.</summary>
    public IReadOnlyList<Instrument> Instruments { get; }

    /// <summary>The true probabilities of the minutes closed so far.</summary>
    public SimulatedTruth Truth { get; }

    /// <summary>ExchangeTime of the next message.</summary>
    public UnixNanos NextTime => new(_instruments[Soonest()].NextTime);

    /// <summary>Appends one atomic venue message, in order of ExchangeTime.</summary>
    /// <param name="output">Receives the events. ReceiveTime is 2 to 6 ms after ExchangeTime and grows with each message.</param>
    /// <returns>Always true: the market never ends.</returns>
    public bool NextMessage(MarketEventBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        InstrumentSimulator next = _instruments[Soonest()];
        UnixNanos arrival = new UnixNanos(next.NextTime) + LatencyNanosMin + (long)(_latency.NextDouble() * LatencyMicrosSpread) * UnixNanos.PerMicrosecond;
        UnixNanos earliest = _received + UnixNanos.PerMicrosecond;
        _received = arrival > earliest ? arrival : earliest;
        next.Take(output, _received);
        return true;
    }

    /// <summary>Lets time pass without looking, up to the first message at or after <paramref name="time"/>.</summary>
    public void AdvanceTo(UnixNanos time)
    {
        var discarded = new MarketEventBuffer();
        while (NextTime < time)
        {
            discarded.Clear();
            NextMessage(discarded);
        }
    }

    /// <summary>Appends an Instrument's whole book as a snapshot message: what a new subscriber gets. Changes nothing.</summary>
    /// <param name="instrument">One of <see cref="Instruments"/>.</param>
    /// <param name="time">Stamped as ExchangeTime and ReceiveTime.</param>
    /// <param name="output">Receives a BookClear and the levels of both sides, best first.</param>
    public void SnapshotNow(InstrumentId instrument, UnixNanos time, MarketEventBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Find(instrument).WriteSnapshot(output, time, time);
    }

    /// <summary>Messages of an Instrument given out so far: the sequence of the last one.</summary>
    internal long SequenceOf(InstrumentId instrument) => Find(instrument).Sequence;

    /// <summary>Best bid and ask after the last message given out.</summary>
    internal (long BidTicks, long BidLots, long AskTicks, long AskLots) TopOf(InstrumentId instrument)
    {
        InstrumentSimulator found = Find(instrument);
        (long bid, long bidLots) = found.BestBid;
        (long ask, long askLots) = found.BestAsk;
        return (bid, bidLots, ask, askLots);
    }

    private InstrumentSimulator Find(InstrumentId instrument)
    {
        foreach (InstrumentSimulator one in _instruments)
        {
            if (one.Instrument == instrument)
                return one;
        }

        throw new ArgumentException($"instrument {instrument} is not simulated");
    }

    private int Soonest()
    {
        int soonest = 0;
        for (int i = 1; i < _instruments.Length; i++)
        {
            if (_instruments[i].NextTime < _instruments[soonest].NextTime)
                soonest = i;
        }

        return soonest;
    }
}
