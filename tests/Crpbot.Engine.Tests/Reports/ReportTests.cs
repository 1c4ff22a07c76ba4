using System.Xml.Linq;
using Crpbot.Reports;
using Xunit;

namespace Crpbot.Engine.Tests.Reports;

public class ReportTests
{
    private const string Hostile = "<script>&\"'";

    [Fact]
    public void TextIsEscapedEverywhere()
    {
        string html = new HtmlPage(Hostile, Hostile).Heading(Hostile).Paragraph(Hostile, Tone.Bad).Figures((Hostile, Hostile, Tone.Good))
            .BeginTable(Hostile).Row(Tone.Warning, Hostile).EndTable().Picture(Line(Hostile), Hostile).Notes([Hostile]).ToString();
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Equal(Count(html, "<table>"), Count(html, "</table>"));
    }

    [Fact]
    public void ARowNeedsATable() => Assert.Throws<InvalidOperationException>(() => new HtmlPage("a", "b").Row("c"));

    public static TheoryData<string> Pictures => new()
    {
        Line("lines"),
        new LineChart("time", "y", [new Series("a", [1.6e9, 1.7e9], [1, double.NaN])]) { XIsTime = true, Reference = 0.5 }.ToSvg(),
        new LineChart("x", "y", [new Series("flat", [1, 2, 3], [7, 7, 7]) { Band = ([6, 6, double.NaN], [8, 8, 8]) }, new Series("dots", [2], [9]) { IsScatter = true }]).ToSvg(),
        new BarChart("r", [(Hostile, -0.5, -0.7, -0.3, 0), ("b", 0.25, double.NaN, double.NaN, 1), ("none", double.NaN, 0, 1, 2)]) { Groups = ["one", "two"] }.ToSvg(),
        new CoverageCalendar(new DateOnly(2023, 12, 30), new DateOnly(2025, 3, 2), [(Hostile, [(Tone.Good, "all"), (Tone.Bad, Hostile)]), ("b", [])]).ToSvg(),
        new Heatmap(["a", Hostile], [("a", [1, -0.2]), (Hostile, [double.NaN, 1])]).ToSvg(),
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public void APictureIsWellFormedAndHoldsNoNumberThatIsNone(string svg)
    {
        XElement parsed = XElement.Parse($"<all>{svg}</all>");
        Assert.NotEmpty(parsed.Descendants("svg"));
        foreach (XAttribute attribute in parsed.Descendants().SelectMany(e => e.Attributes()))
            Assert.DoesNotContain("NaN", attribute.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingToDrawIsSaid()
    {
        Assert.Contains("no values", new LineChart("x", "y", [new Series("a", [], [])]).ToSvg(), StringComparison.Ordinal);
        Assert.Contains("no values", new BarChart("x", [("a", double.NaN, double.NaN, double.NaN, 0)]).ToSvg(), StringComparison.Ordinal);
        Assert.Contains("no values", new Heatmap([], []).ToSvg(), StringComparison.Ordinal);
        Assert.Contains("no days", new CoverageCalendar(new DateOnly(2024, 1, 1), new DateOnly(2024, 1, 1), []).ToSvg(), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryDayOfALeapYearHasItsSquare()
    {
        string svg = new CoverageCalendar(new DateOnly(2024, 1, 1), new DateOnly(2025, 1, 1), [("BTC-USD", [])]).ToSvg();
        Assert.Equal(366, Count(svg, "<rect"));
        Assert.Contains("2024-02-29: not looked at", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesOfMonthsDoNotOverlap()
    {
        string svg = new CoverageCalendar(new DateOnly(2021, 3, 26), new DateOnly(2021, 7, 1), [("BTC-USD", [])]).ToSvg();
        (int X, string Text)[] labels = [.. XElement.Parse($"<all>{svg}</all>").Descendants("text").Where(e => (string?)e.Attribute("class") == "tick").Select(e => ((int)e.Attribute("x")!, e.Value))];
        Assert.Equal("2021-03", labels[0].Text);
        Assert.True(labels.Length > 2);
        for (int i = 1; i < labels.Length; i++)
            Assert.True(labels[i].X - labels[i - 1].X >= 7 * labels[i - 1].Text.Length, $"{labels[i - 1]} {labels[i]}");
    }

    [Fact]
    public void TheLastDateEndsInsideThePicture()
    {
        string svg = new LineChart("time", "y", [new Series("a", [1.6e9, 1.7e9], [1, 2])]) { XIsTime = true }.ToSvg();
        XElement last = XElement.Parse($"<all>{svg}</all>").Descendants("text").Last(e => e.Value.StartsWith("20", StringComparison.Ordinal));
        Assert.Equal("end", (string?)last.Attribute("text-anchor"));
    }

    [Fact]
    public void ALineBreaksWhereAValueIsMissing()
    {
        string svg = new LineChart("x", "y", [new Series("a", [0, 1, 2, 3, 4], [1, 2, double.NaN, 2, 1])]).ToSvg();
        string path = XElement.Parse($"<all>{svg}</all>").Descendants("path").Single().Attribute("d")!.Value;
        Assert.Equal(2, path.Count(c => c == 'M'));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-3e-7, 5e-6)]
    [InlineData(61_837.5, 61_838.5)]
    [InlineData(5, 5)]
    [InlineData(-2e9, 3e12)]
    public void AxesHoldTheirValuesAndLabelThemApart(double low, double high)
    {
        var axis = new Axis(low, high, 5);
        Assert.True(axis.Low <= low && axis.High >= high);
        double[] ticks = [.. axis.Ticks()];
        Assert.InRange(ticks.Length, 2, 12);
        Assert.Equal(ticks.Length, ticks.Select(axis.Format).Distinct().Count());
    }

    private static string Line(string name) => new LineChart(name, name, [new Series(name, [0, 1, 2], [1, 4, 2]), new Series("b", [0, 2], [0, 0])]).ToSvg();

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
