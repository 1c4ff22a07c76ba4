using System.Xml.Linq;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Repository.Tests;

/// <summary>The folders show the design: codecs know bytes, the engine knows markets, models know learning, and nothing looks at bench or tests.</summary>
public class ProjectArrowTests
{
    /// <summary>What each project may use, directly or not. A new arrow is a decision: change ARCHITECTURE.md with it.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["Crpbot.Messages"] = "",
        ["Crpbot.Codecs"] = "Messages",
        ["Crpbot.Disruptor"] = "",
        ["Crpbot.Reports"] = "",
        ["Crpbot.Telemetry"] = "Reports",
        ["Crpbot.MarketData"] = "Messages Codecs",
        ["Crpbot.Features"] = "Messages Codecs MarketData",
        ["Crpbot.Inference"] = "Messages Codecs MarketData Features",
        ["Crpbot.Risk"] = "Messages Codecs",
        ["Crpbot.Execution"] = "Messages Codecs MarketData Risk",
        ["Crpbot.Simulation"] = "Messages Codecs MarketData",
        ["Crpbot.Codecs.Parquet"] = "Messages Codecs",
        ["Crpbot.Datasets"] = "Messages Codecs Codecs.Parquet MarketData Reports Features",
        ["Crpbot.Analysis"] = "Messages Features Reports Datasets",
        ["Crpbot.Engine"] = "Messages Codecs Disruptor Telemetry MarketData Features Inference Risk Execution",
        ["Crpbot.Backtest"] = "Messages Codecs Disruptor Telemetry Reports MarketData Features Inference Risk Execution Codecs.Parquet Datasets Engine",
        ["Crpbot.Cli"] = "Messages Codecs Disruptor Telemetry MarketData Features Inference Risk Execution Simulation Reports Codecs.Parquet Datasets Analysis Engine Backtest",
        ["Crpbot.Training"] = "Messages Codecs MarketData Features Inference Simulation Reports Datasets",
    };

    public static TheoryData<string> Projects => [.. ProjectFiles("codecs", "engine", "native-models").Select(file => Path.GetFileNameWithoutExtension(file)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void AProjectUsesOnlyWhatStandsBeforeIt(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out string? allowed), $"{project} is not in the table of arrows");
        string file = ProjectFiles("codecs", "engine", "native-models").Single(path => Path.GetFileNameWithoutExtension(path) == project);
        IEnumerable<string> used = References(file);
        Assert.Empty(used.Except(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => $"Crpbot.{name}")));
    }

    [Fact]
    public void EveryProjectIsInTheSolution()
    {
        string solution = File.ReadAllText(Path.Combine(MarketData.RepositoryRoot, "Crpbot.sln"));
        foreach (string file in ProjectFiles("codecs", "engine", "native-models", "bench", "tests"))
            Assert.Contains(Path.GetFileName(file), solution, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTableNamesNoProjectThatIsGone() =>
        Assert.Empty(Allowed.Keys.Except(ProjectFiles("codecs", "engine", "native-models").Select(file => Path.GetFileNameWithoutExtension(file)!)));

    private static IEnumerable<string> ProjectFiles(params string[] folders) => folders.SelectMany(folder =>
        Directory.EnumerateDirectories(Path.Combine(MarketData.RepositoryRoot, folder)).SelectMany(project => Directory.EnumerateFiles(project, "*.csproj")));

    private static IEnumerable<string> References(string file) =>
        XDocument.Load(file).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
}
