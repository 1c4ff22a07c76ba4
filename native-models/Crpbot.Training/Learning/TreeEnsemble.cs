namespace Crpbot.Training.Learning;

/// <summary>One tree, free of any library's types. Node i asks whether input Features[i] ≤ Thresholds[i]; yes goes to Below[i], no to Above[i].</summary>
/// <remarks>A child ≥ 0 is a node, else leaf ~child. n nodes have n + 1 leaves; a tree without nodes is its one leaf.</remarks>
internal sealed record DecisionTree(int[] Features, float[] Thresholds, int[] Below, int[] Above, float[] Leaves);

/// <summary>Boosted trees of the newest Bar: logit = Slope · (sum of the reached leaves) + Offset.</summary>
/// <param name="Inputs">Features a row has.</param>
/// <param name="Trees">In the order they were grown; may be empty.</param>
/// <param name="Slope">The library's own squashing, turned into a logit.</param>
/// <param name="Offset">Likewise.</param>
internal sealed record TreeEnsemble(int Inputs, DecisionTree[] Trees, double Slope, double Offset);
