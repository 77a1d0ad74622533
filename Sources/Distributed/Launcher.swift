import Platform

/// What started this process as one of several, as its environment tells.
package struct Launcher: Equatable {
  /// Whose the protocol is by which processes find each other.
  package enum Kind: Equatable {
    /// Open MPI's `mpirun`.
    case openMPI
    /// `mpiexec` of MPICH and its relatives (Hydra), or SLURM's `srun --mpi=pmi2`.
    case hydra
    /// PMIx without more, as SLURM's `srun --mpi=pmix`: of either library.
    case processManagement
  }

  package let kind: Kind
  /// Processes of the job; nil where the environment does not tell.
  package let size: Int?
  /// Processes of the job on this machine; nil where the environment does not tell.
  package let localSize: Int?

  /// - Parameter variable: the value of a variable of the environment.
  /// - Returns: nil for a process that was started alone.
  package init?(_ variable: (String) -> String?) {
    func number(_ names: String...) -> Int? {
      names.lazy.compactMap(variable).compactMap { Int($0) }.first { $0 > 0 }
    }
    localSize = number("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")
    if let size = number("OMPI_COMM_WORLD_SIZE") {
      (kind, self.size) = (.openMPI, size)
    } else if variable("PMI_RANK") != nil || variable("PMI_FD") != nil {
      (kind, size) = (.hydra, number("PMI_SIZE"))
    } else if variable("PMIX_RANK") != nil {
      (kind, size) = (.processManagement, number("SLURM_NTASKS"))
    } else {
      return nil
    }
  }

  /// That of this process.
  static var current: Launcher? { Launcher { EnvironmentVariables[$0] } }

  /// What it is called in messages.
  var name: String {
    switch kind {
    case .openMPI: "the launcher of Open MPI"
    case .hydra: "a launcher of MPICH's kind (PMI)"
    case .processManagement: "a launcher with PMIx"
    }
  }

  /// Names under which its library is looked for, the likeliest first.
  package var libraries: [String] {
    let standard = ["libmpi_abi.so.1", "libmpi_abi.so.0", "libmpi_abi.so", "libmpi_abi.dylib"]
    let openMPI = ["libmpi.so.40", "libmpi.40.dylib"]
    let mpich = ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"]
    switch kind {
    case .openMPI: return openMPI + standard
    case .hydra: return mpich + standard
    case .processManagement: return openMPI + mpich + standard
    }
  }
}
