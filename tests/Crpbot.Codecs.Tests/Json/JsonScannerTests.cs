using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Json;
using Xunit;

namespace Crpbot.Codecs.Tests.Json;

public class JsonScannerTests
{
    private const string Rich = """{"a":[1,-0,0.5e-8,1E+2,true,false,null,{}],"b\u0041":"x\"\\\/\b\f\n\r\t\uD83D\uDE00é","c":{"d":[[],[{}]]}}""";

    [Theory]
    [InlineData("""{"a":1,}""", ParseError.UnexpectedByte, 7)]
    [InlineData("""{,"a":1}""", ParseError.WrongType, 1)]
    [InlineData("""{"a" 1}""", ParseError.UnexpectedByte, 5)]
    [InlineData("""{"a":1 "b":2}""", ParseError.UnexpectedByte, 7)]
    [InlineData("""[1,]""", ParseError.UnexpectedByte, 3)]
    [InlineData("""[01]""", ParseError.InvalidNumber, 2)]
    [InlineData("""[1.]""", ParseError.InvalidNumber, 3)]
    [InlineData("""[-]""", ParseError.InvalidNumber, 2)]
    [InlineData("""[1e]""", ParseError.InvalidNumber, 3)]
    [InlineData("""[.5]""", ParseError.UnexpectedByte, 1)]
    [InlineData("""[nul]""", ParseError.UnexpectedByte, 4)]
    [InlineData("""[tru""", ParseError.UnexpectedEnd, 4)]
    [InlineData("""["a""", ParseError.UnexpectedEnd, 3)]
    [InlineData("""["\x"]""", ParseError.InvalidEscape, 2)]
    [InlineData("""["\u12G4"]""", ParseError.InvalidEscape, 2)]
    [InlineData("[\"a\nb\"]", ParseError.UnexpectedByte, 3)]
    [InlineData("""{} x""", ParseError.TrailingBytes, 3)]
    [InlineData("""// c""", ParseError.UnexpectedByte, 0)]
    [InlineData("", ParseError.UnexpectedEnd, 0)]
    [InlineData("""{"a":[}""", ParseError.UnexpectedByte, 6)]
    [InlineData("\uFEFF{}", ParseError.UnexpectedByte, 0)]
    public void AFormThatIsNoJsonIsNamedWithItsPlace(string text, ParseError error, int position)
    {
        ParseResult result = Walk(Encoding.UTF8.GetBytes(text));
        Assert.Equal((ParseStatus.Invalid, position), (result.Status, result.Position));
        if (error != ParseError.WrongType)
            Assert.Equal(error, result.Error);
    }

    [Fact]
    public void EveryPrefixIsRefusedAndTheWholeIsRead()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Rich);
        for (int length = 0; length < whole.Length; length++)
            Assert.Equal(ParseStatus.Invalid, Walk(whole.AsSpan(0, length)).Status);
        Assert.Equal(ParseStatus.Done, Walk(whole).Status);
    }

    [Fact]
    public void WhatSystemTextJsonRefusesIsRefused()
    {
        var random = new Random(5);
        byte[] whole = Encoding.UTF8.GetBytes(Rich);
        int refused = 0, accepted = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte[] text = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                text[random.Next(text.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"{}[]\",:\\ 0-1.eu\ntfn"[random.Next(19)];
            bool ours = Walk(text).Status == ParseStatus.Done;
            bool theirs = IsJson(text);
            // One difference is meant: System.Text.Json leaves invalid UTF-8 inside strings to the reader of the string.
            bool utf8 = System.Text.Unicode.Utf8.IsValid(text);
            Assert.True(ours == (theirs && utf8), Encoding.Latin1.GetString(text));
            refused += ours ? 0 : 1;
            accepted += ours ? 1 : 0;
        }

        Assert.True(refused > 10_000 && accepted > 10_000, $"{refused} refused, {accepted} accepted");
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void DepthIsLimitedAsInSystemTextJson(int depth, bool accepted)
    {
        byte[] text = Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
        Assert.Equal(accepted, Walk(text).Status == ParseStatus.Done);
        Assert.Equal(accepted, IsJson(text));
    }

    [Fact]
    public void InvalidUtf8IsNamedWithItsPlace()
    {
        ParseResult result = Walk([(byte)'[', (byte)'"', (byte)'a', 0xC3, 0x28, (byte)'"', (byte)']']);
        Assert.Equal(ParseResult.Invalid(ParseError.InvalidUtf8, 3), result);
    }

    [Theory]
    [InlineData("\"plain\"", "plain", true)]
    [InlineData("\"\\u0070lain\"", "plain", true)]
    [InlineData("\"\\u0070lain\"", "plane", false)]
    [InlineData("\"\\uD83D\\uDE00\"", "😀", true)]
    [InlineData("\"\\uD83D\"", "😀", false)]
    [InlineData("\"\\uDE00\\uD83D\"", "😀", false)]
    [InlineData("\"a\\/\\n\\\\\"", "a/\n\\", true)]
    public void ATextIsComparedUnescaped(string json, string plain, bool same)
    {
        var scanner = new JsonScanner(Encoding.UTF8.GetBytes(json));
        Assert.True(scanner.ReadText(out JsonText text));
        Assert.Equal(same, text.Is(Encoding.UTF8.GetBytes(plain)));
    }

    [Fact]
    public void AWantedFieldThatStandsTwiceIsRefusedAndOthersMay()
    {
        var names = new FieldNames("a", "b");
        Span<int> at = stackalloc int[2];
        var twice = new JsonScanner("""{"a":1,"b":2,"\u0061":3}"""u8);
        Assert.False(twice.IndexFields(names, at));
        Assert.Equal(ParseError.DuplicateField, twice.Error);

        var others = new JsonScanner("""{"x":1,"b": 2,"x":3}"""u8);
        Assert.True(others.IndexFields(names, at));
        Assert.Equal([-1, 12], at.ToArray());
    }

    private static ParseResult Walk(ReadOnlySpan<byte> text)
    {
        var json = new JsonScanner(text);
        return json.CheckUtf8() && json.Skip() && json.End() ? ParseResult.Done : json.Refusal;
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
