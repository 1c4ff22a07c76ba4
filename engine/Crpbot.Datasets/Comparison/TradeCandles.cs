using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;

namespace Crpbot.Datasets.Comparison;

/// <summary>Makes a source of recorded market data: one-minute candles of its trades, by ExchangeTime.</summary>
/// <remarks>
/// As features-33, section 2 has it: a candle holds the trades of ExchangeTime [t, t + 60 s), first and last in order of arrival; impossible
/// prices and quantities are refused. Otherwise than live there is no guard of ReceiveTime: a trade that came late belongs to its minute all
/// the same, as in a venue's own candles. A minute without trades has no candle. Minutes in which the recording begins or ends are left out.
/// </remarks>
internal sealed class TradeCandles
{
    /// <summary>A recording whose first or last event is this near to a whole minute holds that minute whole.</summary>
    private const long Border = 5 * UnixNanos.PerSecond;

    private const int MostTrades = 8_000_000;
    private readonly Dictionary<long, Sums> _minutes = [];
    private readonly List<ComparedTrade> _trades = [];
    private Instrument? _instrument;
    private SourceDetail _detail;
    private long _first = long.MaxValue;
    private long _last = long.MinValue;
    private long _events;
    private long _refused;
    private long _holes;
    private bool _hasIds = true;

    private struct Sums
    {
        public double Open, High, Low, Close, Volume;
    }

    /// <param name="name">Shown in reports.</param>
    /// <param name="reader">Read to its end; its range is the compared interval, by ReceiveTime.</param>
    /// <param name="from">Begin by ExchangeTime; a minute from here on is whole.</param>
    /// <param name="to">End by ExchangeTime, exclusive.</param>
    /// <exception cref="InvalidDataException">There is no trade, or trades of several instruments.</exception>
    public static ComparedSource Read(string name, MarketReader reader, UnixNanos? from, UnixNanos? to, Action<long>? progress = null) =>
        new TradeCandles().Run(name, reader, from, to, progress);

    private ComparedSource Run(string name, MarketReader reader, UnixNanos? from, UnixNanos? to, Action<long>? progress)
    {
        while (reader.Read())
        {
            foreach (ref readonly MarketEvent e in reader.Message.Events)
            {
                if (e.ExchangeTime >= (from ?? new(long.MinValue)) && e.ExchangeTime < (to ?? new(long.MaxValue)))
                    Add(name, reader, e);
            }

            progress?.Invoke(_events);
        }

        if (_minutes.Count == 0)
            throw new InvalidDataException($"{name}: no trade of the compared interval in {_events:N0} events; candles are made of trades");
        long begin = from is null ? BeginOf(_first) : long.MinValue, end = to is null ? EndOf(_last) : long.MaxValue;
        CandleRow[] rows =
        [
            .. _minutes.Where(minute => minute.Key >= begin && minute.Key < end).OrderBy(minute => minute.Key)
                .Select(minute => new CandleRow(0, new(minute.Key), CandleTimeForm.Text,
                    minute.Value.Open, minute.Value.High, minute.Value.Low, minute.Value.Close, Rounded(minute.Value.Volume))),
        ];
        if (rows.Length == 0)
            throw new InvalidDataException($"{name}: from {new UnixNanos(_first)} to {new UnixNanos(_last)} there is no whole minute to compare");
        return new ComparedSource
        {
            Name = name,
            Candles = CandleTable.Of(UnixNanos.PerMinute, rows),
            Rows = _events,
            Defects = _refused + _holes + reader.Damage.Refused,
            Detail = _detail,
            Trades = _hasIds && _trades.Count > 0 ? _trades : null,
            Notes = Notes(rows.Length, reader.Damage.Refused),
        };
    }

    private void Add(string name, MarketReader reader, in MarketEvent e)
    {
        if (e.Kind is MarketEventKind.Gap or MarketEventKind.Disconnect)
            _holes++;
        if (e.Instrument == InstrumentId.All || e.Kind == MarketEventKind.Timer)
            return;
        Instrument instrument = reader.Instruments[e.Instrument];
        if (_instrument is not null && _instrument != instrument)
            throw new InvalidDataException($"{name}: holds {_instrument} and {instrument}; choose one with --symbol, or --exchange where one symbol is traded at several");
        _instrument = instrument;
        _events++;
        _first = Math.Min(_first, e.ExchangeTime.Value);
        _last = Math.Max(_last, e.ExchangeTime.Value);
        _detail |= e.Kind switch
        {
            MarketEventKind.Trade => SourceDetail.Trades | (e.Side == Side.Unknown ? 0 : SourceDetail.TradeSide),
            MarketEventKind.BookDelta => SourceDetail.BookDepth,
            MarketEventKind.Quote => SourceDetail.Quotes,
            _ => 0,
        };
        if (e.ExchangeTime != e.ReceiveTime)
            _detail |= SourceDetail.TwoClocks;
        if (e.Kind != MarketEventKind.Trade)
            return;
        if (e.Price.Ticks <= 0 || e.Quantity.Lots <= 0)
        {
            _refused++;
            return;
        }

        double price = instrument.PriceOf(e.Price), quantity = instrument.QuantityOf(e.Quantity);
        ref Sums sums = ref CollectionsMarshal.GetValueRefOrAddDefault(_minutes, e.ExchangeTime.Floor(UnixNanos.PerMinute).Value, out bool exists);
        if (!exists)
            (sums.Open, sums.High, sums.Low) = (price, price, price);
        (sums.High, sums.Low, sums.Close) = (Math.Max(sums.High, price), Math.Min(sums.Low, price), price);
        sums.Volume += quantity;
        Keep(reader, e, price, quantity);
    }

    private void Keep(MarketReader reader, in MarketEvent e, double price, double quantity)
    {
        _hasIds &= (e.Flags & MarketEventFlags.NoSequence) == 0 && _trades.Count < MostTrades;
        if (!_hasIds)
            return;
        long id = (e.Flags & MarketEventFlags.TextId) == 0 ? e.Sequence : (long)XxHash3.HashToUInt64(reader.TextIds.Get(e.Sequence));
        _trades.Add(new ComparedTrade(id, e.ExchangeTime.Value, price, quantity, e.Side));
    }

    private List<string> Notes(int minutes, long damaged)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        var notes = new List<string>
        {
            string.Create(invariant, $"{minutes:N0} one-minute candles of {_instrument}'s trades by ExchangeTime, late ones included; a minute without trades has none, and minutes in which the recording begins or ends are left out"),
        };
        if (_refused + damaged > 0)
            notes.Add(string.Create(invariant, $"{_refused + damaged:N0} rows or messages were refused"));
        if (_holes > 0)
            notes.Add(string.Create(invariant, $"{_holes:N0} gaps or disconnects"));
        if (!_hasIds)
            notes.Add(_trades.Count >= MostTrades ? $"over {MostTrades:N0} trades: they are not compared one by one; choose a shorter interval for that"
                : "its trades have no ids");
        return notes;
    }

    // Lots are decimals of up to 8 digits and their sum need not look like one.
    private static double Rounded(double volume) => Math.Round(volume, 10);

    private static long BeginOf(long first)
    {
        long minute = new UnixNanos(first).Floor(UnixNanos.PerMinute).Value;
        return first - minute <= Border ? minute : minute + UnixNanos.PerMinute;
    }

    private static long EndOf(long last)
    {
        long minute = new UnixNanos(last).Floor(UnixNanos.PerMinute).Value;
        return minute + UnixNanos.PerMinute - last <= Border ? minute + UnixNanos.PerMinute : minute;
    }
}
