using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tests.Venues.Reference;
using Crpbot.Codecs.Venues;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Venues;

/// <summary>Feeds the same messages to a parser, to the same parser without templates and, if there is one, to its judge, and compares all they say.</summary>
public sealed class ParserJury
{
    private readonly VenueParser _parser;
    private readonly VenueParser _withoutTemplates;
    private readonly ReferenceParser? _judge;
    private readonly MarketEventBuffer _output = new();
    private readonly MarketEventBuffer _outputWithoutTemplates = new();

    public ParserJury(InstrumentTable instruments, Func<InstrumentTable, VenueParser> create, ReferenceParser? judge)
    {
        Instruments = instruments;
        (_parser, _withoutTemplates, _judge) = (create(instruments), create(instruments), judge);
        _withoutTemplates.UsesTemplates = false;
    }

    public InstrumentTable Instruments { get; }

    public VenueParser Parser => _parser;

    public long Done { get; private set; }

    public long Unknown { get; private set; }

    public long Invalid { get; private set; }

    /// <summary>Parses with all three; the events are those of the message alone.</summary>
    public ParseResult Parse(ReadOnlySpan<byte> message, UnixNanos receiveTime, out ReadOnlySpan<MarketEvent> events)
    {
        _output.Clear();
        _outputWithoutTemplates.Clear();
        byte[] bytes = message.ToArray();
        ParseResult result = _parser.Parse(bytes, receiveTime, _output);
        ParseResult plain = _withoutTemplates.Parse(bytes, receiveTime, _outputWithoutTemplates);
        events = _output.Events;
        (ParseStatus status, List<MarketEvent> expected) = _judge?.Parse(bytes, receiveTime) ?? (result.Status, [.. events]);
        if (result.Status != status || result != plain)
            Assert.Fail($"{result}, without templates {plain}, judge {status}: {Encoding.Latin1.GetString(bytes)}");
        Compare(_output.Events, expected.ToArray(), bytes);
        Compare(_outputWithoutTemplates.Events, expected.ToArray(), bytes);
        Assert.True(result.Position <= bytes.Length);
        (Done, Unknown, Invalid) = status switch
        {
            ParseStatus.Done => (Done + 1, Unknown, Invalid),
            ParseStatus.Unknown => (Done, Unknown + 1, Invalid),
            _ => (Done, Unknown, Invalid + 1),
        };
        return result;
    }

    public void Disconnect(UnixNanos receiveTime)
    {
        _output.Clear();
        _outputWithoutTemplates.Clear();
        _parser.Disconnected(receiveTime, _output);
        _withoutTemplates.Disconnected(receiveTime, _outputWithoutTemplates);
        MarketEvent[] expected = [.. _judge!.Disconnected(receiveTime).OrderBy(e => e.Instrument.Value)];
        Compare(_output.Events.ToArray().OrderBy(e => e.Instrument.Value).ToArray(), expected, []);
        Compare(_outputWithoutTemplates.Events.ToArray().OrderBy(e => e.Instrument.Value).ToArray(), expected, []);
    }

    public void CompareCounters()
    {
        (long, long, long, long, long) counters =
            (_parser.Dropped, _parser.DroppedLevels, _parser.Gaps, _parser.RepeatedTrades, _parser.SkippedTrades);
        Assert.Equal(
            counters,
            (_withoutTemplates.Dropped, _withoutTemplates.DroppedLevels, _withoutTemplates.Gaps, _withoutTemplates.RepeatedTrades, _withoutTemplates.SkippedTrades));
        if (_judge is not null)
            Assert.Equal((_judge.Dropped, _judge.DroppedLevels, _judge.Gaps, _judge.RepeatedTrades, _judge.SkippedTrades), counters);
    }

    /// <summary>For Binance: whose the bare snapshots are that follow.</summary>
    public void SetSnapshotSymbol(string? symbol)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(symbol ?? "");
        ((BinanceParser)_parser).SetSnapshotSymbol(bytes);
        ((BinanceParser)_withoutTemplates).SetSnapshotSymbol(bytes);
    }

    private static void Compare(ReadOnlySpan<MarketEvent> actual, ReadOnlySpan<MarketEvent> expected, byte[] message)
    {
        if (System.Runtime.InteropServices.MemoryMarshal.AsBytes(actual).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected)))
            return;
        Assert.Fail($"{Describe(actual)}\njudge:\n{Describe(expected)}\n{Encoding.Latin1.GetString(message)}");
    }

    public static string Describe(ReadOnlySpan<MarketEvent> events)
    {
        var text = new StringBuilder();
        foreach (MarketEvent e in events)
            text.AppendLine($"{e.Kind} {e.Channel} {e.Instrument} {e.Side} {e.Price.Ticks} x {e.Quantity.Lots} seq {e.Sequence} aux {e.Aux} {e.Flags} {e.ExchangeTime} {e.ReceiveTime} scale {e.Scale} detail {e.Detail}");
        return text.ToString();
    }
}
