namespace Crpbot.Training.Tests.Torch;

/// <summary>Tests that train run one after another: torch has one random generator a process, and a seed counts only while nobody else draws.</summary>
internal static class TorchCollection
{
    public const string Name = "torch";
}
