using Crpbot.Codecs.Json;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;

namespace Crpbot.Codecs.Tardis;

/// <summary>The form in which tardis-machine writes trades and book changes.</summary>
public sealed partial class TardisMessageParser
{
    private protected override bool TryParseTemplate(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        var cursor = new TemplateCursor(message, 0);
        if (!cursor.Take("{\"type\":\""u8))
            return false;
        bool isBook = cursor.Take("book_change\",\"symbol\":\""u8);
        if ((!isBook && !cursor.Take("trade\",\"symbol\":\""u8)) || !cursor.TakeText(out ReadOnlySpan<byte> name)
            || !cursor.Take("\",\"exchange\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> exchangeName)
            || !TryFindExchange(exchangeName, out Exchange? exchange) || !exchange!.Symbols.TryFind(name, out VenueSymbol? symbol))
        {
            return false;
        }

        return isBook
            ? TryParseBookChange(ref cursor, symbol, receiveTime, output)
            : TryParseTrade(ref cursor, exchange, symbol, receiveTime, output);
    }

    // ","id":"2","price":100.1,"amount":0.5,"side":"buy","timestamp":"…","localTimestamp":"…"}
    private bool TryParseTrade(ref TemplateCursor cursor, Exchange exchange, VenueSymbol symbol, UnixNanos receiveTime, MarketEventBuffer output)
    {
        if (!cursor.Take("\",\"id\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> id) || id.Length > TextIdTable.LengthMax
            || !cursor.Take("\",\"price\":"u8) || !cursor.TakeNumber(symbol.TickScale, out long ticks) || ticks == 0
            || !cursor.Take(",\"amount\":"u8) || !cursor.TakeNumber(symbol.LotScale, out long lots)
            || !cursor.Take(",\"side\":\""u8))
        {
            return false;
        }

        Side side = cursor.Take("buy"u8) ? Side.Buy : cursor.Take("sell"u8) ? Side.Sell : Side.Unknown;
        if (side == Side.Unknown || !cursor.Take("\""u8) || !TakeTimes(ref cursor, ref receiveTime, out UnixNanos exchangeTime))
            return false;
        symbol.Seen = true;
        var stamp = new EventStamp(symbol.Id, receiveTime, exchangeTime, 0);
        AppendTradeOrLiquidation(exchange, symbol, stamp, MessageType.Trade, id, side, new Price(ticks), new Quantity(lots), output);
        return true;
    }

    // ","isSnapshot":false,"bids":[{"price":100,"amount":0}],"asks":[],"timestamp":"…","localTimestamp":"…"}
    private bool TryParseBookChange(ref TemplateCursor cursor, VenueSymbol symbol, UnixNanos receiveTime, MarketEventBuffer output)
    {
        bool isSnapshot = cursor.Take("\",\"isSnapshot\":true,\"bids\":["u8);
        if (!isSnapshot && !cursor.Take("\",\"isSnapshot\":false,\"bids\":["u8))
            return false;
        int start = output.Count;
        var stamp = new EventStamp(
            symbol.Id, default, default, MarketEventFlags.NoSequence | (isSnapshot ? MarketEventFlags.Snapshot : 0));
        if (isSnapshot)
            stamp.Add(output, MarketEventKind.BookClear, Channel.Book);
        if (!TakeLevels(ref cursor, symbol, Side.Buy, stamp, isSnapshot, output) || !cursor.Take(",\"asks\":["u8)
            || !TakeLevels(ref cursor, symbol, Side.Sell, stamp, isSnapshot, output) || !TakeTimes(ref cursor, ref receiveTime, out UnixNanos exchangeTime))
        {
            return false;
        }

        foreach (ref MarketEvent added in output.Writable[start..])
            (added.ReceiveTime, added.ExchangeTime) = (receiveTime, exchangeTime);
        symbol.Seen = true;
        CommitBook(symbol, isSnapshot, output, start);
        return true;
    }

    private static bool TakeLevels(
        ref TemplateCursor shared, VenueSymbol symbol, Side side, in EventStamp stamp, bool isSnapshot, MarketEventBuffer output)
    {
        // A copy: the loop keeps it in registers.
        TemplateCursor cursor = shared;
        if (!cursor.Take("]"u8))
        {
            do
            {
                if (!cursor.Take("{\"price\":"u8) || !cursor.TakeNumber(symbol.TickScale, out long ticks) || ticks == 0
                    || !cursor.Take(",\"amount\":"u8) || !cursor.TakeNumber(symbol.LotScale, out long lots)
                    || !cursor.Take("}"u8))
                {
                    return false;
                }

                if (!isSnapshot | lots != 0)
                    stamp.AddLevel(output, side, new Price(ticks), new Quantity(lots));
            }
            while (cursor.Take(","u8));
            if (!cursor.Take("]"u8))
                return false;
        }

        shared = cursor;
        return true;
    }

    private bool TakeTimes(ref TemplateCursor cursor, ref UnixNanos receiveTime, out UnixNanos exchangeTime)
    {
        exchangeTime = default;
        if (!cursor.Take(",\"timestamp\":\""u8) || !cursor.TakeTime(_minutes, out long nanos)
            || !cursor.Take("\",\"localTimestamp\":\""u8) || !cursor.TakeTime(_minutes, out long localNanos) || localNanos == 0
            || !cursor.Take("\"}"u8) || !cursor.AtEnd)
        {
            return false;
        }

        exchangeTime = new UnixNanos(nanos);
        if (receiveTime == UnixNanos.None)
            receiveTime = new UnixNanos(localNanos);
        return true;
    }
}
