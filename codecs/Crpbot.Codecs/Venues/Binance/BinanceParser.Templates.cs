using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>The forms in which Binance sends depth, trades and best prices, spot, USD-M and COIN-M, since 2020.</summary>
public sealed partial class BinanceParser
{
    private protected override bool TryParseTemplate(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output)
    {
        var cursor = new TemplateCursor(message, 0);
        bool isWrapped = cursor.Take("{\"stream\":\""u8);
        if (isWrapped && (!cursor.TakeText(out _) || !cursor.Take("\",\"data\":"u8)))
            return false;
        if (!cursor.Take("{\""u8))
            return false;
        if (cursor.Take("e\":\"depthUpdate\",\"E\":"u8))
            return TryParseDepth(ref cursor, isWrapped, receiveTime, output);
        if (cursor.Take("e\":\"trade\",\"E\":"u8))
            return !_useAggregateTrades && TryParseTrade(ref cursor, isWrapped, receiveTime, output);
        bool namesItself = cursor.Take("e\":\"bookTicker\",\""u8);
        return cursor.Take("u\":"u8) && TryParseBookTicker(ref cursor, isWrapped, namesItself, receiveTime, output);
    }

    private static bool TakeEnd(ref TemplateCursor cursor, bool isWrapped) => cursor.Take(isWrapped ? "}}"u8 : "}"u8) && cursor.AtEnd;

    // 1723161256299,["T":1723161256298,]"s":"BTCUSDT",["ps":"…",]"U":1,"u":2,["pu":0,]"b":[["58710.20","0.014"]],"a":[]}
    private bool TryParseDepth(ref TemplateCursor cursor, bool isWrapped, UnixNanos receiveTime, MarketEventBuffer output)
    {
        long previous = -1;
        if (!cursor.TakeInteger(out long epoch)
            || (cursor.Take(",\"T\":"u8) && !cursor.TakeInteger(out _))
            || !cursor.Take(",\"s\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> name) || !_symbols.TryFind(name, out BinanceSymbol? symbol)
            || (cursor.Take("\",\"ps\":\""u8) && !cursor.TakeText(out _))
            || !cursor.Take("\",\"U\":"u8) || !cursor.TakeInteger(out long first)
            || !cursor.Take(",\"u\":"u8) || !cursor.TakeInteger(out long last)
            || (cursor.Take(",\"pu\":"u8) && !cursor.TakeInteger(out previous))
            || !TimeParser.TryFromEpoch(epoch, out UnixNanos time))
        {
            return false;
        }

        int start = output.Count;
        var stamp = new EventStamp(symbol.Id, receiveTime, time, 0);
        if (!cursor.Take(",\"b\":["u8) || !TakeLevels(ref cursor, symbol, Side.Buy, stamp, last, first, output)
            || !cursor.Take(",\"a\":["u8) || !TakeLevels(ref cursor, symbol, Side.Sell, stamp, last, first, output)
            || !TakeEnd(ref cursor, isWrapped))
        {
            return false;
        }

        symbol.Seen = true;
        ApplyUpdate(symbol, new UpdateIds(first, last, previous), stamp, output, start);
        return true;
    }

    private static bool TakeLevels(
        ref TemplateCursor shared, BinanceSymbol symbol, Side side, in EventStamp stamp, long last, long first, MarketEventBuffer output)
    {
        // A copy: the loop keeps it in registers.
        TemplateCursor cursor = shared;
        if (!cursor.Take("]"u8))
        {
            do
            {
                if (!cursor.Take("[\""u8) || !cursor.TakeDecimal(symbol.TickScale, out long ticks) || ticks == 0
                    || !cursor.Take("\",\""u8) || !cursor.TakeDecimal(symbol.LotScale, out long lots)
                    || !cursor.Take("\"]"u8))
                {
                    return false;
                }

                ref MarketEvent level = ref stamp.AddLevel(output, side, new Price(ticks), new Quantity(lots));
                level.Sequence = last;
                level.Aux = first;
            }
            while (cursor.Take(","u8));
            if (!cursor.Take("]"u8))
                return false;
        }

        shared = cursor;
        return true;
    }

    // futures: 1,"T":1,"s":"BTCUSDT","t":1,"p":"61800.30","q":"0.006","X":"MARKET","m":false}
    // spot:    1,"s":"BTCUSDT","t":1,"p":"61837.63000000","q":"0.02000000",["b":1,"a":1,]"T":1,"m":true,"M":true}
    private bool TryParseTrade(ref TemplateCursor cursor, bool isWrapped, UnixNanos receiveTime, MarketEventBuffer output)
    {
        if (!cursor.TakeInteger(out _))
            return false;
        bool isFutures = cursor.Take(",\"T\":"u8);
        long epoch = 0;
        if ((isFutures && !cursor.TakeInteger(out epoch))
            || !cursor.Take(",\"s\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> name) || !_symbols.TryFind(name, out BinanceSymbol? symbol)
            || !cursor.Take("\",\"t\":"u8) || !cursor.TakeInteger(out long id)
            || !cursor.Take(",\"p\":\""u8) || !cursor.TakeDecimal(symbol.TickScale, out long ticks) || ticks == 0
            || !cursor.Take("\",\"q\":\""u8) || !cursor.TakeDecimal(symbol.LotScale, out long lots))
        {
            return false;
        }

        if (isFutures)
        {
            if (!cursor.Take("\",\"X\":\"MARKET\",\"m\":"u8))
                return false;
        }
        else if (!cursor.Take("\""u8)
            || (cursor.Take(",\"b\":"u8) && (!cursor.TakeInteger(out _) || !cursor.Take(",\"a\":"u8) || !cursor.TakeInteger(out _)))
            || !cursor.Take(",\"T\":"u8) || !cursor.TakeInteger(out epoch) || !cursor.Take(",\"m\":"u8))
        {
            return false;
        }

        bool buyerIsMaker = cursor.Take("true"u8);
        if ((!buyerIsMaker && !cursor.Take("false"u8))
            || (!isFutures && cursor.Take(",\"M\":"u8) && !cursor.Take("true"u8) && !cursor.Take("false"u8))
            || !TakeEnd(ref cursor, isWrapped) || !TimeParser.TryFromEpoch(epoch, out UnixNanos time))
        {
            return false;
        }

        symbol.Seen = true;
        AppendTrade(
            symbol, new EventStamp(symbol.Id, receiveTime, time, 0), id, buyerIsMaker ? Side.Sell : Side.Buy, new Price(ticks), new Quantity(lots), output);
        return true;
    }

    // 50093239212,["e":"bookTicker",]"s":"BTCUSDT",["ps":"…",]"b":"61837.63000000","B":"3.78826000","a":"…","A":"…"[,"T":1,"E":1]}
    private bool TryParseBookTicker(ref TemplateCursor cursor, bool isWrapped, bool namesItself, UnixNanos receiveTime, MarketEventBuffer output)
    {
        if (!cursor.TakeInteger(out long update))
            return false;
        if (!namesItself)
            cursor.Take(",\"e\":\"bookTicker\""u8);
        if (!cursor.Take(",\"s\":\""u8) || !cursor.TakeText(out ReadOnlySpan<byte> name) || !_symbols.TryFind(name, out BinanceSymbol? symbol)
            || (cursor.Take("\",\"ps\":\""u8) && !cursor.TakeText(out _))
            || !cursor.Take("\",\"b\":\""u8) || !cursor.TakeDecimal(symbol.TickScale, out long bid) || bid == 0
            || !cursor.Take("\",\"B\":\""u8) || !cursor.TakeDecimal(symbol.LotScale, out long bidLots)
            || !cursor.Take("\",\"a\":\""u8) || !cursor.TakeDecimal(symbol.TickScale, out long ask) || ask == 0
            || !cursor.Take("\",\"A\":\""u8) || !cursor.TakeDecimal(symbol.LotScale, out long askLots)
            || !cursor.Take("\""u8))
        {
            return false;
        }

        UnixNanos time = receiveTime;
        bool hasTime = cursor.Take(",\"T\":"u8);
        if ((hasTime && (!cursor.TakeInteger(out _) || !cursor.Take(",\"E\":"u8) || !cursor.TakeInteger(out long epoch) || !TimeParser.TryFromEpoch(epoch, out time)))
            || !TakeEnd(ref cursor, isWrapped))
        {
            return false;
        }

        symbol.Seen = true;
        var stamp = new EventStamp(symbol.Id, receiveTime, time, hasTime ? 0 : MarketEventFlags.NoExchangeTime);
        stamp.AddQuote(output, Side.Buy, new Price(bid), new Quantity(bidLots)).Sequence = update;
        ref MarketEvent last = ref stamp.AddQuote(output, Side.Sell, new Price(ask), new Quantity(askLots));
        last.Sequence = update;
        last.Flags |= MarketEventFlags.LastInMessage;
        return true;
    }
}
