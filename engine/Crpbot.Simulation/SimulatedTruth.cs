using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Simulation;

/// <summary>What only the simulator knows: for each closed minute, the true probability that the next h Bars end up.</summary>
/// <remarks>
/// One writer, the simulator's thread; anybody may read closed minutes meanwhile. 16 bytes a minute and Instrument, taken a day at a
/// time. Everything here follows from the options alone: <see cref="Generate"/> gives the same numbers without any event.
/// </remarks>
public sealed class SimulatedTruth
{
    private const int Chunk = 1440;
    private readonly PressureModel _model;
    private readonly UnixNanos _start;
    private readonly Column[] _columns;

    internal SimulatedTruth(PressureModel model, UnixNanos start, IReadOnlyList<InstrumentId> instruments)
    {
        _model = model;
        _start = start;
        _columns = [.. instruments.Select(id => new Column(id))];
    }

    /// <summary>Bars over which the probability is meant.</summary>
    public int HorizonBars => _model.HorizonBars;

    /// <summary>The closed form: the accuracy no observer can exceed in the long run.</summary>
    public double ExpectedAccuracy => _model.BayesAccuracy;

    /// <summary>P(up) ≈ Φ(Slope · x) for pressure x of unit variance.</summary>
    public double Slope => _model.Slope;

    /// <summary>Walks the hidden minutes from the options' start to <paramref name="until"/>, without events.</summary>
    /// <remarks>A year of three Instruments takes well under a second.</remarks>
    public static SimulatedTruth Generate(SimulationOptions options, InstrumentTable table, UnixNanos until)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(table);
        options.Validate();
        var model = new PressureModel(options.Difficulty, options.HorizonBars);
        Instrument[] instruments = [.. options.Instruments.Select(i => table.GetOrAdd(SimulationOptions.Venue, i.Symbol))];
        var truth = new SimulatedTruth(model, options.Start, [.. instruments.Select(i => i.Id)]);
        long minutes = (until - options.Start) / UnixNanos.PerMinute;
        for (int slot = 0; slot < instruments.Length; slot++)
        {
            SimulatedInstrument simulated = options.Instruments[slot];
            double ticks = simulated.Price / instruments[slot].Tick.ToDouble(1);
            var process = new PressureProcess(model, options.Seed, simulated, ticks, options.Start);
            for (long minute = 0; minute < minutes; minute++)
            {
                process.Step();
                truth.Add(slot, process.ProbabilityUp, process.EndMidDoubled);
            }
        }

        return truth;
    }

    /// <summary>Closed minutes of an Instrument, from the start on.</summary>
    public int ClosedBars(InstrumentId instrument) => ColumnOf(instrument)?.Count ?? 0;

    /// <summary>The true probability that the mid is higher <see cref="HorizonBars"/> Bars after this Bar's end.</summary>
    /// <returns>False when the Bar is not closed yet, before the start, or of an Instrument not simulated.</returns>
    public bool TryGetProbabilityUp(InstrumentId instrument, UnixNanos barOpen, out double probability) =>
        TryGet(instrument, barOpen, out probability, out _);

    /// <summary>Twice the mid just before the Bar's end, in ticks: <c>EndBid + EndAsk</c> of the Bar.</summary>
    public bool TryGetEndMidDoubled(InstrumentId instrument, UnixNanos barOpen, out long ticks) =>
        TryGet(instrument, barOpen, out _, out ticks);

    /// <summary>Mean of max(p, 1 − p) over the closed Bars that open in [from, to): the best accuracy of that span.</summary>
    /// <returns>NaN where no Bar is.</returns>
    public double BayesAccuracy(InstrumentId instrument, UnixNanos from, UnixNanos to)
    {
        (double sum, long count) = Sum(ColumnOf(instrument), from, to);
        return count == 0 ? double.NaN : sum / count;
    }

    /// <summary>The same over all Instruments together.</summary>
    public double BayesAccuracy(UnixNanos from, UnixNanos to)
    {
        double sum = 0;
        long count = 0;
        foreach (Column column in _columns)
        {
            (double partSum, long partCount) = Sum(column, from, to);
            sum += partSum;
            count += partCount;
        }

        return count == 0 ? double.NaN : sum / count;
    }

    internal void Add(int slot, double probability, long endMidDoubled) => _columns[slot].Add(probability, endMidDoubled);

    private bool TryGet(InstrumentId instrument, UnixNanos barOpen, out double probability, out long endMidDoubled)
    {
        (probability, endMidDoubled) = (double.NaN, 0);
        long offset = barOpen - _start;
        if (ColumnOf(instrument) is not { } column || offset < 0 || offset % UnixNanos.PerMinute != 0 || offset / UnixNanos.PerMinute >= column.Count)
            return false;
        (probability, endMidDoubled) = column[(int)(offset / UnixNanos.PerMinute)];
        return true;
    }

    private (double Sum, long Count) Sum(Column? column, UnixNanos from, UnixNanos to)
    {
        if (column is null)
            return (0, 0);
        long first = Math.Max(0, (from - _start + UnixNanos.PerMinute - 1) / UnixNanos.PerMinute);
        long end = Math.Min(column.Count, (to - _start + UnixNanos.PerMinute - 1) / UnixNanos.PerMinute);
        double sum = 0;
        for (long i = first; i < end; i++)
        {
            double p = column[(int)i].Probability;
            sum += Math.Max(p, 1 - p);
        }

        return (sum, Math.Max(0, end - first));
    }

    private Column? ColumnOf(InstrumentId instrument)
    {
        foreach (Column column in _columns)
        {
            if (column.Instrument == instrument)
                return column;
        }

        return null;
    }

    private sealed class Column(InstrumentId instrument)
    {
        private (double Probability, long EndMidDoubled)[]?[] _days = new (double, long)[]?[64];
        private int _count;

        public InstrumentId Instrument => instrument;

        /// <summary>Published after the row, so a reader that sees the count sees the row.</summary>
        public int Count => Volatile.Read(ref _count);

        public (double Probability, long EndMidDoubled) this[int index] => Volatile.Read(ref _days)[index / Chunk]![index % Chunk];

        public void Add(double probability, long endMidDoubled)
        {
            int day = _count / Chunk;
            if (day == _days.Length)
            {
                (double, long)[]?[] grown = new (double, long)[]?[_days.Length * 2];
                _days.CopyTo(grown, 0);
                Volatile.Write(ref _days, grown);
            }

            (_days[day] ??= new (double, long)[Chunk])[_count % Chunk] = (probability, endMidDoubled);
            Volatile.Write(ref _count, _count + 1);
        }
    }
}
