import CLinux

/// How glibc's allocator treats what a burst needed once.
enum MemorySetup {
    /// Large buffers come from the kernel one by one and go back to it when they are freed.
    ///
    /// Left alone, glibc raises the bound from which it does so to the largest buffer that was ever freed (32 MiB at most),
    /// and each thread's arena then keeps that much for good: one hostile mail server would cost it for ever.
    static func returnLargeBuffers() {
        mb_return_large_buffers(256 << 10)
    }
}
