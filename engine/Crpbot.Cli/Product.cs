namespace Crpbot.Cli;

/// <summary>Who wrote a file.</summary>
internal static class Product
{
    public static readonly string Name = $"crpbot {typeof(Product).Assembly.GetName().Version?.ToString(3)}";
}
