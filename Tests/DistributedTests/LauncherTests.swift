import Distributed
import Testing

/// What a process's environment tells of who started it.
@Suite struct LauncherTests {
  private func launcher(_ variables: [String: String]) -> Launcher? { Launcher { variables[$0] } }

  @Test func `a process that was started alone has no launcher`() {
    #expect(launcher([:]) == nil)
    // SLURM sets it in shells of an allocation, too, where nothing was launched.
    #expect(launcher(["SLURM_NTASKS": "4"]) == nil)
  }

  @Test func `the launcher of Open MPI is known before PMIx, which it sets as well`() throws {
    let found = try #require(
      launcher([
        "OMPI_COMM_WORLD_SIZE": "3", "OMPI_COMM_WORLD_LOCAL_SIZE": "2", "PMIX_RANK": "0",
      ]))
    #expect(found.kind == .openMPI && found.size == 3 && found.localSize == 2)
    #expect(found.libraries.first == "libmpi.so.40")
  }

  @Test func `Hydra is known by PMI`() throws {
    let found = try #require(
      launcher(["PMI_RANK": "1", "PMI_SIZE": "5", "MPI_LOCALNRANKS": "5"]))
    #expect(found.kind == .hydra && found.size == 5 && found.localSize == 5)
    #expect(found.libraries.first == "libmpich.so.12")
  }

  @Test func `PMIx alone may be of either library`() throws {
    let found = try #require(launcher(["PMIX_RANK": "1", "SLURM_NTASKS": "8"]))
    #expect(found.kind == .processManagement && found.size == 8 && found.localSize == nil)
    #expect(found.libraries.contains("libmpi.so.40") && found.libraries.contains("libmpich.so.12"))
    #expect(found.libraries.contains("libmpi_abi.so.1"))
  }

  @Test func `a size that is no number is not told`() throws {
    let found = try #require(launcher(["PMI_RANK": "0", "PMI_SIZE": "many"]))
    #expect(found.size == nil)
  }
}

/// What is said where there is no MPI, or an unknown one.
@Suite struct MPILibraryTests {
  private let launcher = Launcher { ["PMI_RANK": "0", "PMI_SIZE": "2"][$0] }!

  @Test func `a library that is not there is told with the loader's reason`() {
    let error = #expect(throws: MPIError.self) {
      try MPILibrary.open(for: launcher, path: "/nowhere/libmpi.so")
    }
    #expect(error?.description.contains("/nowhere/libmpi.so") == true)
    #expect(error?.description.contains("a launcher of MPICH's kind") == true)
    #expect(error?.description.contains("TAPESTRY_MPI_LIBRARY") == true)
  }

  @Test func `a library that is no MPI is told with what it lacks`() {
    // The C library's mathematics, by the name that it has where these tests run.
    let error = #expect(throws: MPIError.self) {
      try MPILibrary.open(for: launcher, path: "libm.so.6")
    }
    #expect(error?.description.contains("MPI_Init_thread") == true)
  }

  @Test func `a program that was started alone opens nothing`() throws {
    #expect(try ProcessGroup.whileOpen { $0 == nil })
  }

  @Test func `errors of calls have MPI's code and text`() {
    let error = MPIError.call("MPI_Bcast", code: 8, text: "MPI_ERR_ROOT: invalid root")
    #expect(error.description == "MPI_Bcast failed: MPI_ERR_ROOT: invalid root (code 8)")
  }
}
