using Crpbot.Inference;
using Crpbot.Training.Learning;
using Crpbot.Training.Packaging;
using Crpbot.Training.Tests.Learning;
using Xunit;

namespace Crpbot.Training.Tests.Packaging;

public sealed class LockedOpeningsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-openings-").FullName;
    private readonly TrainingTable _table = PlantedTable.Create(1_500) with { FeatureNames = ["close", "rsi", "obi_l1", "is_weekend"] };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFitIsOneLookAndEveryEvaluationOfTheLockedSliceAnother()
    {
        string package = Fit("1");
        Assert.Equal(1, LockedOpenings.Count(package));
        ModelManifest manifest = ModelManifest.Read(Path.Combine(package, ModelManifest.FileName));
        ModelEvaluation.Evaluate(package, manifest, _table);
        ModelEvaluation.Evaluate(package, manifest, _table, stride: 2);
        Assert.Equal(3, LockedOpenings.Count(package));
        Assert.Equal(["fit", "evaluate, a sample every 1 min", "evaluate, a sample every 2 min"], File.ReadAllLines(Path.Combine(package, LockedOpenings.FileName)));

        // Other data opens nothing.
        ModelEvaluation.Evaluate(package, manifest, _table with { Sha256 = new string('1', 64) });
        Assert.Equal(3, LockedOpenings.Count(package));
        using ModelPackage loaded = ModelPackage.Load(package);
    }

    [Fact]
    public void APackageWithoutTheFileWasLookedAtByItsFit()
    {
        string package = Fit("1");
        File.Delete(Path.Combine(package, LockedOpenings.FileName));
        Assert.Equal(1, LockedOpenings.Count(package));
        LockedOpenings.Note(package, "evaluate");
        Assert.Equal(2, LockedOpenings.Count(package));
    }

    [Fact]
    public void AnEvaluationThatCannotBeNotedIsNone()
    {
        string package = Fit("1");
        ModelManifest manifest = ModelManifest.Read(Path.Combine(package, ModelManifest.FileName));
        using FileStream held = File.Open(Path.Combine(package, LockedOpenings.FileName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Throws<IOException>(() => ModelEvaluation.Evaluate(package, manifest, _table));
    }

    [Fact]
    public void TheNextVersionsCardSumsTheLooksOfAllVersionsOfTheSameData()
    {
        LockedOpenings.Note(Fit("1"), "evaluate");
        string card = File.ReadAllText(Path.Combine(Fit("2"), "card.md"));
        Assert.Contains("by versions of this name, this fit included: 3.", card, StringComparison.Ordinal);
        Assert.Equal(3, LockedOpenings.CountOfVersions(Path.Combine(_folder, "model"), _table.Sha256));
        Assert.Equal(0, LockedOpenings.CountOfVersions(Path.Combine(_folder, "model"), new string('1', 64)));
        Assert.Equal(0, LockedOpenings.CountOfVersions(Path.Combine(_folder, "none"), _table.Sha256));
    }

    private string Fit(string version)
    {
        string name = Path.Combine(_folder, "model");
        var options = new FitOptions
        {
            Name = "model",
            Version = version,
            Architecture = ModelArchitecture.Logistic,
            Samples = new SampleOptions { SequenceLength = 1, HorizonBars = 1, MissingPerFeatureMax = 0 },
            EarlierOpenings = LockedOpenings.CountOfVersions(name, _table.Sha256),
        };
        PackageWriter.Write(Path.Combine(name, version), _table, ModelFit.Run(_table, options, _ => { }));
        return Path.Combine(name, version);
    }
}
