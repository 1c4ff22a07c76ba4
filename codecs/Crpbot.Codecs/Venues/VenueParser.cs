using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>What the parsers of all venues share: templates first, the scanner when they do not fit, and the counters.</summary>
/// <remarks>
/// <code>
///  message ─► template (one order of fields, no whitespace) ─fits─► events
///                │ does not
///                ▼
///             JsonScanner: UTF-8, syntax, index of fields ─► values ─► events, or the reason for the refusal
/// </code>
/// Both ways give the same events. State changes only after the last byte was found right. One thread.
/// </remarks>
public abstract class VenueParser : IVenueParser
{
    private const int VenueErrorLengthMax = 512;
    private readonly byte[] _lastVenueError = new byte[VenueErrorLengthMax];
    private int _lastVenueErrorLength;

    private protected VenueParser()
    {
    }

    /// <inheritdoc/>
    public virtual long Dropped { get; private protected set; }

    /// <summary>Levels left out because their quantity was negative or no number; the rest of their message was kept.</summary>
    public long DroppedLevels { get; private protected set; }

    /// <summary>Gap events published.</summary>
    public long Gaps { get; private protected set; }

    /// <summary>Trades left out because their id was received before.</summary>
    public long RepeatedTrades { get; private protected set; }

    /// <summary>Book updates left out although their book was live: they, or later ones, were received before.</summary>
    public long RepeatedUpdates { get; private protected set; }

    /// <summary>Receives the trades that are left out as repeated.</summary>
    internal Action<MarketEvent>? RepeatedTrade { get; set; }

    /// <summary>Trades that are none of the market's and were left out: history repeated at subscription, insurance fund, deleveraging.</summary>
    public long SkippedTrades { get; private protected set; }

    /// <summary>Error messages the venue sent.</summary>
    public long VenueErrors { get; private set; }

    /// <summary>The last of them, as received, at most 512 bytes.</summary>
    public ReadOnlySpan<byte> LastVenueError => _lastVenueError.AsSpan(0, _lastVenueErrorLength);

    /// <summary>Tests switch templates off to compare the two ways.</summary>
    internal bool UsesTemplates { get; set; } = true;

    /// <inheritdoc/>
    public ParseResult Parse(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int start = output.Count;
        if (UsesTemplates)
        {
            if (TryParseTemplate(message, receiveTime, output))
                return ParseResult.Done;
            output.Truncate(start);
        }

        var json = new JsonScanner(message);
        ParseResult result = json.CheckUtf8() ? ParseAnyForm(ref json, message, receiveTime, output) : json.Refusal;
        if (result.Status == ParseStatus.Invalid)
            output.Truncate(start);
        return result;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        Forget();
        (Dropped, DroppedLevels, Gaps, RepeatedTrades, RepeatedUpdates, SkippedTrades, VenueErrors) = (0, 0, 0, 0, 0, 0, 0);
        _lastVenueErrorLength = 0;
    }

    /// <inheritdoc/>
    public abstract void Disconnected(UnixNanos receiveTime, MarketEventBuffer output);

    /// <summary>Reads the message if it has a usual form. On false the buffer may hold leftovers, the state must not.</summary>
    private protected abstract bool TryParseTemplate(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output);

    /// <summary>Reads or refuses any message.</summary>
    private protected abstract ParseResult ParseAnyForm(
        ref JsonScanner json, ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output);

    /// <summary>Forgets what the messages so far made known.</summary>
    private protected abstract void Forget();

    private protected static void Forget<T>(SymbolMap<T> symbols)
        where T : VenueSymbol
    {
        foreach (T symbol in symbols.All)
            symbol.Forget();
    }

    private protected void NoteVenueError(ReadOnlySpan<byte> message)
    {
        VenueErrors++;
        _lastVenueErrorLength = Math.Min(message.Length, VenueErrorLengthMax);
        message[.._lastVenueErrorLength].CopyTo(_lastVenueError);
    }

    private protected static void AppendDisconnects<T>(SymbolMap<T> symbols, UnixNanos receiveTime, MarketEventBuffer output)
        where T : VenueSymbol
    {
        foreach (T symbol in symbols.All)
        {
            if (symbol.Seen)
                AppendDisconnect(symbol, receiveTime, output);
            symbol.Forget();
        }
    }

    private protected static void AppendDisconnect(VenueSymbol symbol, UnixNanos receiveTime, MarketEventBuffer output) =>
        new EventStamp(symbol.Id, receiveTime, receiveTime, MarketEventFlags.LastInMessage | MarketEventFlags.NoExchangeTime | MarketEventFlags.NoSequence)
            .Add(output, MarketEventKind.Disconnect, Channel.All);

    /// <summary>Publishes a trade unless it was received before, after the Gap it reveals if it does.</summary>
    private protected void AppendTrade(
        VenueSymbol symbol, in EventStamp stamp, long id, Side side, Price price, Quantity quantity, MarketEventBuffer output)
    {
        if (symbol.Tape.IsRepeated(id))
        {
            RepeatedTrades++;
            if (RepeatedTrade is not null)
                TellRepeated(stamp, id, side, price, quantity, output);
            return;
        }

        if (symbol.Tape.IsAfterGap(id))
        {
            stamp.AddGap(output, Channel.Trades, symbol.Tape.Next, id);
            Gaps++;
        }

        symbol.Tape.Accept(id);
        AddTrade(stamp, id, side, price, quantity, output);
    }

    private static void AddTrade(in EventStamp stamp, long id, Side side, Price price, Quantity quantity, MarketEventBuffer output)
    {
        ref MarketEvent trade = ref stamp.Add(output, MarketEventKind.Trade, Channel.Trades);
        trade.Sequence = id;
        trade.Side = side;
        trade.Price = price;
        trade.Quantity = quantity;
        trade.Flags |= MarketEventFlags.LastInMessage;
    }

    private void TellRepeated(in EventStamp stamp, long id, Side side, Price price, Quantity quantity, MarketEventBuffer output)
    {
        AddTrade(stamp, id, side, price, quantity, output);
        RepeatedTrade!(output.Events[^1]);
        output.Truncate(output.Count - 1);
    }

    /// <summary>Flags the last event of a group that began at <paramref name="start"/>, if it has any.</summary>
    private protected static void CloseGroup(MarketEventBuffer output, int start)
    {
        if (output.Count > start)
            output.Writable[^1].Flags |= MarketEventFlags.LastInMessage;
    }
}
