using System.Globalization;
using System.Numerics;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Judges a candle file: what is missing in its span, said twice, out of its own order or impossible.</summary>
/// <remarks>
/// <code>
///   rows in the file's order ──► bad-value, off-tick, no-trades, out-of-order, clock-jump
///   the same sorted by time  ──► duplicate, conflict, missing-minute, price-jump, count-anomaly
/// </code>
/// A row keeps 40 bytes until the end. Nothing is repaired or left out on its own account.
/// </remarks>
public sealed partial class CandleValidator
{
    private const long Quarter = 15 * UnixNanos.PerMinute;
    private readonly CandleReader _reader;
    private readonly UnixNanos? _from;
    private readonly UnixNanos? _to;
    private readonly DecimalStep? _tick;
    private readonly CandleTally _tally = new();
    private readonly List<Slot> _slots = [];
    private readonly SortedDictionary<long, (double Close, long LastTime, double Volume)> _days = [];
    private readonly long _interval;
    private long _rows;

    private CandleValidator(CandleReader reader, UnixNanos? from, UnixNanos? to, DecimalStep? tick)
    {
        (_reader, _from, _to, _tick) = (reader, from, to, tick);
        _interval = reader.Shape.Interval;
    }

    /// <summary>What is kept of a row.</summary>
    /// <param name="Values">Hash of its five values.</param>
    /// <param name="Wick">Logarithm of the longer wick's end over the body's.</param>
    private readonly record struct Slot(long Time, ulong Values, int Line, double Close, float Wick, bool IsOnGrid);

    /// <summary>Judges a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="from">Begin of the interval to judge; null: the first candle.</param>
    /// <param name="to">Its end, exclusive; null: the end of the last candle.</param>
    /// <param name="tick">Prices must be whole multiples of it; null: not checked.</param>
    /// <param name="summary">For pictures.</param>
    /// <param name="progress">Called now and then with the rows read.</param>
    /// <exception cref="InvalidDataException">The file is no candle file or may be read in two ways.</exception>
    public static ValidationReport Validate(
        string path, CandleFileOptions options, UnixNanos? from, UnixNanos? to, DecimalStep? tick, out CandleSummary summary, Action<long>? progress = null)
    {
        using CandleReader reader = CandleReader.Open(path, options);
        return new CandleValidator(reader, from, to, tick).Run(out summary, progress);
    }

    /// <inheritdoc cref="Validate(string, CandleFileOptions, UnixNanos?, UnixNanos?, DecimalStep?, out CandleSummary, Action{long}?)"/>
    public static ValidationReport Validate(string path, CandleFileOptions options, UnixNanos? from = null, UnixNanos? to = null) =>
        Validate(path, options, from, to, null, out _);

    private ValidationReport Run(out CandleSummary summary, Action<long>? progress)
    {
        ReadRows(progress);
        Slot[] slots = [.. _slots];
        JudgeOrder(slots);
        Slot[] present = SortUnique(slots);
        UnixNanos begin = _from ?? new UnixNanos(present.Length == 0 ? _to?.Value ?? 0 : present[0].Time);
        UnixNanos end = _to ?? new UnixNanos(present.Length == 0 ? begin.Value : present[^1].Time + _interval);
        List<CandleDay> days = CandleSummary.DaysOf(begin, end);
        CountDays(present, days);
        JudgeCoverage(present, begin, end, days);
        JudgePrices(present);
        JudgeDays(days);
        if (_reader.IsTruncated)
            _tally.Add(FindingCode.Truncated, UnixNanos.None, _reader.Line,
                _tally.IsFirst(FindingCode.Truncated, _reader.Line) ? "the file breaks off inside this row" : "");
        if (_reader.IsCorrupt)
            _tally.Add(FindingCode.Corrupt, UnixNanos.None, _reader.Line,
                _tally.IsFirst(FindingCode.Corrupt, _reader.Line) ? "the compressed data is damaged; what follows cannot be read" : "");
        summary = new CandleSummary(_interval, _reader.Shape.Notes, days);
        return new ValidationReport(_rows, begin, end, _tally.Findings);
    }

    private void ReadRows(Action<long>? progress)
    {
        const int RowsPerReport = 1 << 16;
        CandleTimeForm? form = null;
        long phase = 0;
        bool hasPhase = _interval < UnixNanos.PerHour;
        while (_reader.Read(out CandleRow row) is not CandleReadStatus.End and var status)
        {
            if (_reader.Rows % RowsPerReport == 0)
                progress?.Invoke(_reader.Rows);
            CandleDamage damage = _reader.Damage;
            UnixNanos time = status == CandleReadStatus.Damaged ? damage.Time : row.Time;
            if (time != UnixNanos.None && (time < (_from ?? new(long.MinValue)) || time >= (_to ?? new(long.MaxValue))))
                continue;
            _rows++;
            if (status == CandleReadStatus.Damaged)
            {
                _tally.Add(FindingCode.BadValue, damage.Time, damage.Line, _tally.IsFirst(FindingCode.BadValue, damage.Line) ? damage.Reason : "");
                // Its minute is there, though not to be believed: it is not missing as well.
                if (time != UnixNanos.None)
                    _slots.Add(new Slot(time.Value, (ulong)damage.Line, (int)damage.Line, double.NaN, 0, IsOnGrid(time, phase)));
                continue;
            }

            CandleTimeForm before = form ?? row.Form;
            form = row.Form;
            if (before != row.Form)
            {
                _tally.Add(FindingCode.ClockJump, row.Time, row.Line,
                    _tally.IsFirst(FindingCode.ClockJump, row.Line) ? $"times change from {Word(before)} to {Word(row.Form)}" : "");
            }

            // Candles of hours and days may begin at midnight of another zone; the first row tells which.
            if (!hasPhase)
                (phase, hasPhase) = (row.Time - row.Time.Floor(_interval), true);
            bool isOnGrid = IsOnGrid(row.Time, phase);
            Judge(row, isOnGrid);
            double body = row.IsPossible ? Math.Log(row.High / Math.Max(row.Open, row.Close)) : 0;
            double tail = row.IsPossible ? Math.Log(Math.Min(row.Open, row.Close) / row.Low) : 0;
            _slots.Add(new Slot(row.Time.Value, HashOf(row), (int)row.Line,
                row.IsPossible ? row.Close : double.NaN, (float)Math.Max(body, tail), isOnGrid));
            CountVolume(row, isOnGrid);
        }
    }

    private static ulong HashOf(in CandleRow row)
    {
        ulong hash = 14695981039346656037;
        foreach (double value in (ReadOnlySpan<double>)[row.Open, row.High, row.Low, row.Close, row.Volume])
            hash = BitOperations.RotateLeft((hash ^ BitConverter.DoubleToUInt64Bits(value)) * 0x9E3779B97F4A7C15, 29);
        return hash;
    }

    private bool IsOnGrid(UnixNanos time, long phase) => (time - phase).Floor(_interval) == time - phase;

    private void Judge(in CandleRow row, bool isOnGrid)
    {
        if (!isOnGrid)
            _tally.Add(FindingCode.BadValue, row.Time, row.Line,
                _tally.IsFirst(FindingCode.BadValue, row.Line) ? $"time {row.Time} is no whole {CandleInterval.Format(_interval)}" : "");
        else if (!row.IsPossible)
            _tally.Add(FindingCode.BadValue, row.Time, row.Line, _tally.IsFirst(FindingCode.BadValue, row.Line) ? Fault(row) : "");
        else if (_tick is { } tick && !(IsWhole(row.Open, tick) && IsWhole(row.High, tick) && IsWhole(row.Low, tick) && IsWhole(row.Close, tick)))
            _tally.Add(FindingCode.OffTick, row.Time, row.Line, _tally.IsFirst(FindingCode.OffTick, row.Line) ? OffTick(row, tick) : "");
        if (row.Volume == 0)
            _tally.Add(FindingCode.NoTrades, row.Time, row.Line, _tally.IsFirst(FindingCode.NoTrades, row.Line) ? "volume 0" : "");
    }

    private void CountVolume(in CandleRow row, bool isOnGrid)
    {
        if (!isOnGrid || !row.IsPossible)
            return;
        long day = row.Time.Floor(UnixNanos.PerDay).Value;
        (double close, long lastTime, double volume) = _days.GetValueOrDefault(day, (double.NaN, long.MinValue, 0));
        _days[day] = row.Time.Value > lastTime ? (row.Close, row.Time.Value, volume + row.Volume) : (close, lastTime, volume + row.Volume);
    }

    // A decimal of at most 15 digits and the quotient of its whole ticks round to the same double.
    private static bool IsWhole(double price, DecimalStep tick) => tick.ToDouble((long)Math.Round(price / tick.ToDouble(1))) == price;

    private static string OffTick(CandleRow row, DecimalStep tick)
    {
        (string name, double price) = new[] { ("open", row.Open), ("high", row.High), ("low", row.Low), ("close", row.Close) }.First(field => !IsWhole(field.Item2, tick));
        return string.Create(CultureInfo.InvariantCulture, $"{name} {price} is no multiple of the tick {tick}");
    }

    private static string Fault(in CandleRow row)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        if (Math.Min(Math.Min(row.Open, row.Close), Math.Min(row.High, row.Low)) <= 0)
            return string.Create(invariant, $"a price is not above 0: open {row.Open}, high {row.High}, low {row.Low}, close {row.Close}");
        if (row.High < row.Low)
            return string.Create(invariant, $"high {row.High} is below low {row.Low}");
        return row.Volume < 0
            ? string.Create(invariant, $"volume {row.Volume} is negative")
            : string.Create(invariant, $"open {row.Open} or close {row.Close} is outside low {row.Low} to high {row.High}");
    }

    private static string Word(CandleTimeForm form) => form switch
    {
        CandleTimeForm.Text => "text",
        CandleTimeForm.ZonedText => "text with zone",
        _ => form.ToString().ToLowerInvariant(),
    };
}
