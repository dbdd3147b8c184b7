/** Fakes only the timers that hold deadlines; the network goes on. Undone by `jest.useRealTimers`. */
export const fakeDeadlines = () =>
	jest.useFakeTimers({
		doNotFake: [
			'Date',
			'hrtime',
			'nextTick',
			'performance',
			'queueMicrotask',
			'setImmediate',
			'clearImmediate',
			'setInterval',
			'clearInterval',
		],
	});
